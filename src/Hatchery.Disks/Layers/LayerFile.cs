using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>A closed layer: one file of segments, one behind the other, each with its index; see FORMAT.md, <i>Closed layers</i>.</summary>
/// <param name="Parent">The layer that it has to lie on.</param>
internal sealed record LayerFile(string Path, FarmId Farm, LayerId Layer, LayerId Parent, long DiskLengthBytes)
{
    private const int EndOffsetAt = 16;

    /// <summary>Puts what the layer changes into an index, over what is there. The file stays open, and the index's layer owns it.</summary>
    /// <param name="slots">How many segments the layers below have; those of this one are added.</param>
    /// <returns>Why it is not this layer, or not whole; then nothing of it may be read.</returns>
    public StoreFault? Load(IFileSystem files, FilePool pool, Layer into, ref int slots)
    {
        PooledFile? file = null;
        var isTaken = false;
        try
        {
            file = pool.OpenRead(files, Path);
            if (FindSegments(file) is not { } segments)
                return Damaged("it does not end as a closed layer does: it was cut off, or is none", file.Length);
            var previous = default(ClosedSegment);
            foreach (var segment in segments)
            {
                if (WhyNot(segment, previous) is { } fault)
                    return fault;
                if (
                    SegmentFooter.End(segment) is not { } end
                    || SegmentFooter.TryRead(segment, end.Length, end.Chain) is not { } entries
                )
                    return Damaged("the index of a segment does not match its checksum", StartOf(segment));
                var slot = slots + segment.Number;
                if (slot > BlockLocation.SegmentMax || segment.File.Length > BlockLocation.OffsetMaxBytes)
                    return new(StoreFaultKind.Unsupported, Path, "a segment, or the row of segments, is too long");
                into.AddSegment(slot, Path, segment.File);
                isTaken = true;
                into.Put(slot, entries);
                previous = new(segment.Number, end.Length, end.Chain);
            }
            slots += segments.Count;
            return null;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, Path);
        }
        finally
        {
            if (!isTaken)
                file?.Dispose();
        }
    }

    /// <summary>From the last one to the first: where a segment begins, its end says. Null: they do not fill the file.</summary>
    private List<OpenedSegment>? FindSegments(PooledFile file)
    {
        var found = new List<OpenedSegment>();
        var (sector, page) = (new byte[RecordHeader.HeaderBytes], new byte[SegmentHeader.SizeBytes]);
        for (var end = file.Length; end > 0; )
        {
            if (end < SegmentHeader.SizeBytes || file.Read(sector, end - sector.Length) != sector.Length)
                return null;
            // Whether this is an end is seen when the segment is read; here a wrong one leads nowhere.
            var length = BinaryPrimitives.ReadInt64LittleEndian(sector.AsSpan(EndOffsetAt)) + sector.Length;
            if (
                length < SegmentHeader.SizeBytes + sector.Length
                || length > end
                || file.Read(page, end - length) != page.Length
                || SegmentHeader.TryRead(page, out var header, out var crc) != SegmentHeaderState.Whole
            )
                return null;
            end -= length;
            found.Add(new((int)header!.Number, Path, new SegmentSlice(file, end, length), header, crc));
        }
        found.Reverse();
        return found.Count > 0 ? found : null;
    }

    private StoreFault? WhyNot(OpenedSegment segment, ClosedSegment previous)
    {
        var header = segment.Header;
        return header.Farm != Farm ? Refused($"it is of farm {header.Farm}, and this one is {Farm}")
            : header.Layer != Layer ? Refused($"what lies there is layer {header.Layer}")
            : header.Parent != Parent ? Refused($"it lies on layer {header.Parent}, not on {Parent}")
            : header.DiskLengthBytes != DiskLengthBytes
                ? Refused($"it is of a disk of {header.DiskLengthBytes} bytes, not of {DiskLengthBytes}")
            : (header.Number, header.PreviousLength, header.PreviousChain)
            != ((ulong)previous.Number + 1, previous.Length, previous.Chain)
                ? Damaged("a segment does not follow the one before", StartOf(segment))
            : null;
    }

    private static long StartOf(OpenedSegment segment) => ((SegmentSlice)segment.File).StartBytes;

    private StoreFault Refused(string detail) => new(StoreFaultKind.Refused, Path, detail);

    private StoreFault Damaged(string detail, long offset) => new(StoreFaultKind.Damaged, Path, detail, offset);
}
