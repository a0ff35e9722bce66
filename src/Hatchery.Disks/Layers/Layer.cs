using System.Runtime.CompilerServices;

namespace Hatchery.Disks;

/// <summary>The segments of one layer, or of several on top of each other, readable as blocks above another reader. Every read is compared with its checksums.</summary>
internal sealed class Layer(long diskBlocks, IBlockReader below) : IDisposable
{
    private const int PiecesAtOnce = 64;
    private const int PieceMaxBytes = BlockIndex.PageBlocks * RecordExtent.BlockBytes;

    private readonly Lock _gate = new();
    private readonly BlockIndex _index = new(diskBlocks);
    private volatile LayerSegment?[] _segments = new LayerSegment?[4];

    public long IndexMemoryBytes
    {
        get
        {
            lock (_gate)
                return _index.MemoryBytes;
        }
    }

    /// <summary>Data that is not hidden by what was written later.</summary>
    public long LiveBytes
    {
        get
        {
            lock (_gate)
                return _index.LiveBlocks * RecordExtent.BlockBytes;
        }
    }

    public long LiveBytesOf(int segment)
    {
        lock (_gate)
            return _index.LiveBlocksOf(segment) * RecordExtent.BlockBytes;
    }

    public void AddSegment(int number, string path, ISegmentFile file)
    {
        lock (_gate)
        {
            var segments = _segments;
            if (number >= segments.Length)
                Array.Resize(ref segments, Math.Max(number + 1, segments.Length * 2));
            segments[number] = new(path, file);
            _segments = segments;
        }
    }

    /// <summary>Closes a segment to which nothing in the index points any more.</summary>
    public void RemoveSegment(int number)
    {
        var segment = _segments[number];
        _segments[number] = null;
        segment?.File.Dispose();
    }

    /// <summary>Reads a segment's file as it is, up to its end; null when it was removed, or cannot be read.</summary>
    public int? ReadFile(int number, long offset, Span<byte> destination)
    {
        try
        {
            return _segments[number]?.File.Read(destination, offset);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Files an extent; <paramref name="dataOffset"/> is where its data lie.</summary>
    public void Put(int segment, RecordExtent extent, long dataOffset, ReadOnlySpan<uint> crcs)
    {
        lock (_gate)
            if (extent.IsZeroes)
                _index.PutZeroes(segment, extent.Block, extent.Blocks);
            else
                _index.Put(segment, extent.Block, extent.Blocks, dataOffset, crcs);
    }

    public void Put(int segment, ReadOnlySpan<IndexEntry> entries)
    {
        lock (_gate)
            foreach (var entry in entries)
                if (entry.IsZeroes)
                    _index.PutZeroes(segment, entry.Block, entry.Blocks);
                else
                    _index.PutPiece(
                        entry.Block,
                        (int)entry.Blocks,
                        BlockLocation.In(segment, entry.Offset),
                        entry.Crc,
                        entry.LiveMask
                    );
    }

    /// <inheritdoc cref="BlockIndex.Collect"/>
    public long Collect(long page, Predicate<int> wanted, List<LivePiece> found, int slotsMax)
    {
        lock (_gate)
            return _index.Collect(page, wanted, found, slotsMax);
    }

    public int Find(long block, long blocks, Span<BlockPiece> pieces)
    {
        lock (_gate)
            return _index.Find(block, blocks, pieces);
    }

    [SkipLocalsInit]
    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
    {
        fault = null;
        Span<BlockPiece> found = stackalloc BlockPiece[PiecesAtOnce];
        while (!destination.IsEmpty)
        {
            // Segments do not change where they were written, so what the index says stays true once the lock is given back.
            ReadOnlySpan<BlockPiece> pieces = found[
                ..Find(offset / RecordExtent.BlockBytes, destination.Length / RecordExtent.BlockBytes, found)
            ];
            while (!pieces.IsEmpty)
            {
                var (count, bytes) = Together(pieces);
                var status = Read(pieces[..count], offset, destination[..bytes], out fault);
                if (status is not { } known)
                    break;
                if (known != DiskStatus.Ok)
                    return known;
                offset += bytes;
                destination = destination[bytes..];
                pieces = pieces[count..];
            }
        }
        return DiskStatus.Ok;
    }

    /// <summary>Reads a whole piece.</summary>
    public DiskStatus Read(LivePiece piece, Span<byte> destination, out StoreFault? fault) =>
        Read(
            [new(piece.Location, (int)piece.Blocks, 0, piece.Blocks, piece.Crc)],
            piece.Block * RecordExtent.BlockBytes,
            destination,
            out fault
        ) ?? DiskStatus.IoError;

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment?.File.Dispose();
    }

    /// <summary>How many pieces lie one behind the other in one file, whole, and how many bytes that is.</summary>
    private static (int Count, int Bytes) Together(ReadOnlySpan<BlockPiece> pieces)
    {
        var first = pieces[0];
        var bytes = first.Take * RecordExtent.BlockBytes;
        var count = 1;
        if (first.Source == BlockSource.Segment && first.Take == first.Blocks)
            while (
                count < pieces.Length
                && pieces[count] is var next
                && next.Take == next.Blocks
                && next.Location == BlockLocation.In(first.Location.Segment, first.Location.Offset + bytes)
            )
            {
                bytes += next.Take * RecordExtent.BlockBytes;
                count++;
            }
        return (count, (int)bytes);
    }

    /// <summary>Null when the segment was removed meanwhile: the index knows by now where its blocks are.</summary>
    private DiskStatus? Read(
        ReadOnlySpan<BlockPiece> pieces,
        long offset,
        Span<byte> destination,
        out StoreFault? fault
    )
    {
        fault = null;
        var first = pieces[0];
        if (first.Source == BlockSource.Below)
            return below.Read(offset, destination, out fault);
        if (first.Source == BlockSource.Zeroes)
        {
            destination.Clear();
            return DiskStatus.Ok;
        }
        if (_segments[first.Location.Segment] is not { } segment)
            return null;
        try
        {
            if (first.Take != first.Blocks)
                return ReadPart(segment, first, destination, out fault);
            if (segment.File.Read(destination, first.Location.Offset) != destination.Length)
                return TooShort(segment, out fault);
            foreach (var piece in pieces)
            {
                var bytes = piece.Blocks * RecordExtent.BlockBytes;
                if (Crc32C.Append(0, destination[..bytes]) != piece.Crc)
                    return Rotten(segment, piece, out fault);
                destination = destination[bytes..];
            }
            return DiskStatus.Ok;
        }
        catch (ObjectDisposedException) when (_segments[first.Location.Segment] is null)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return DiskStatus.IoError;
        }
        catch (IOException error)
        {
            fault = new(StoreFaultKind.IoError, segment.Path, error.Message, segment.InFile(first.Location.Offset));
            return DiskStatus.IoError;
        }
    }

    /// <summary>The checksum is the whole piece's, so all of it is read.</summary>
    [SkipLocalsInit]
    private static DiskStatus ReadPart(
        LayerSegment segment,
        BlockPiece piece,
        Span<byte> destination,
        out StoreFault? fault
    )
    {
        Span<byte> whole = stackalloc byte[PieceMaxBytes];
        whole = whole[..(piece.Blocks * RecordExtent.BlockBytes)];
        fault = null;
        if (segment.File.Read(whole, piece.Location.Offset) != whole.Length)
            return TooShort(segment, out fault);
        if (Crc32C.Append(0, whole) != piece.Crc)
            return Rotten(segment, piece, out fault);
        whole.Slice(piece.Skip * RecordExtent.BlockBytes, destination.Length).CopyTo(destination);
        return DiskStatus.Ok;
    }

    private static DiskStatus Rotten(LayerSegment segment, BlockPiece piece, out StoreFault? fault)
    {
        fault = new(
            StoreFaultKind.Damaged,
            segment.Path,
            "what lies there does not match its checksum",
            segment.InFile(piece.Location.Offset)
        );
        return DiskStatus.IoError;
    }

    private static DiskStatus TooShort(LayerSegment segment, out StoreFault? fault)
    {
        fault = new(StoreFaultKind.Damaged, segment.Path, "the file has become shorter");
        return DiskStatus.IoError;
    }

    private sealed record LayerSegment(string Path, ISegmentFile File)
    {
        public long InFile(long offset) => offset + (File is SegmentSlice slice ? slice.StartBytes : 0);
    }
}
