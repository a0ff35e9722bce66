namespace Hatchery.Disks;

/// <summary>Reads an existing layer's segments, oldest first, into an index.</summary>
internal sealed class LayerLoad(IFileSystem files, string folder) : IDisposable
{
    private readonly List<OpenedSegment> _segments = [];

    /// <summary>Null until a header was read.</summary>
    public CacheIdentity? Identity =>
        _segments is [{ Header: var first }, ..]
            ? new(first.Farm, first.Device, first.Boot, first.Layer, first.Parent, first.DiskLengthBytes)
            : null;

    public (int Number, long Length, uint Chain) Seal { get; private set; }

    /// <summary>The newest segment was closed: nothing that was ever acknowledged can be missing.</summary>
    public bool IsClosed { get; private set; }

    public CacheRecovery Recovery { get; private set; } = CacheRecovery.None;

    /// <summary>Opens the files and checks that they are one layer's, in order and without a gap.</summary>
    public StoreFault? Open()
    {
        if (LostMark.Exists(files, folder))
            return new(StoreFaultKind.Damaged, folder, LostMark.Reason);
        var numbers = files.List(folder).Select(SegmentName.NumberOf).OfType<int>().Order().ToList();
        if (numbers.Count == 0)
            return new(StoreFaultKind.Missing, folder, "no write cache");
        foreach (var (at, number) in numbers.Index())
        {
            if (number != at + 1)
                return new(StoreFaultKind.Damaged, folder, $"{SegmentName.Of(at + 1)} is missing");
            var (segment, fault) = OpenedSegment.Open(files, folder, number);
            if (segment is null && fault!.Kind == StoreFaultKind.Damaged && number == numbers.Count && IsUnborn(number))
                return number > 1 ? null : new(StoreFaultKind.Missing, folder, "the write cache was never finished");
            if (segment is null)
                return fault;
            _segments.Add(segment);
            if (Mismatch(segment) is { } mismatch)
                return new(StoreFaultKind.Damaged, segment.Path, mismatch, 0);
        }
        return null;
    }

    /// <summary>Reads the records; every file stays open, and the layer owns it.</summary>
    public StoreFault? Read(Layer layer, long verifyMaxBytes)
    {
        long lostBytes = 0,
            size = 0,
            verified = 0;
        var newestEpoch = _segments[^1].Header.Epoch;
        foreach (var (at, segment) in _segments.Index())
        {
            layer.AddSegment(segment.Number, segment.File);
            (long Length, uint Chain)? seal = null;
            if (at + 1 < _segments.Count)
                seal = (_segments[at + 1].Header.PreviousLength, _segments[at + 1].Header.PreviousChain);
            var newer = _segments.Skip(at).Sum(s => s.File.Length);
            if (
                seal is { } end
                && newer > verifyMaxBytes
                && SegmentFooter.TryRead(segment, end.Length, end.Chain) is { } entries
            )
            {
                foreach (var entry in entries)
                    layer.Put(segment.Number, [new(entry.Block, entry.Blocks, entry.IsZeroes)], entry.Offset);
                size += end.Length;
                continue;
            }
            var result = segment
                .Scan(files.HostRun)
                .Run(seal, (extent, offset) => layer.Put(segment.Number, [extent], offset));
            if (result.Damage is { } damage)
                return new(StoreFaultKind.Damaged, damage.File, damage.Detail, damage.Offset);
            Seal = (segment.Number, result.Length, result.Chain);
            IsClosed = result.IsClosed;
            newestEpoch = result.Epoch > newestEpoch ? result.Epoch : newestEpoch;
            lostBytes += result.LostBytes;
            size += result.Length;
            verified += result.Length;
        }
        // What the page cache has is not yet what the disk has; the next segment's header will say that it is.
        try
        {
            _segments[^1].File.Sync();
        }
        catch (IOException)
        {
            LostMark.Make(files, folder);
            throw;
        }
        var lostPower = !IsClosed && _segments[^1].Header.HostRun != files.HostRun;
        Recovery = new(_segments.Count, size, verified, lostBytes, lostPower, newestEpoch);
        return null;
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment.File.Dispose();
    }

    /// <summary>A header is made durable before the first record: a file with no more than it never held anything.</summary>
    private bool IsUnborn(int number)
    {
        using var file = files.OpenRead(Path.Combine(folder, SegmentName.Of(number)));
        return file.Length <= SegmentHeader.SizeBytes;
    }

    private string? Mismatch(OpenedSegment segment)
    {
        if (_segments.Count == 1)
            return segment.Header.PreviousLength == 0 ? null : "the first segment follows another";
        var before = _segments[^2].Header;
        return
            segment.Header.Layer != before.Layer
            || segment.Header.DiskLengthBytes != before.DiskLengthBytes
            || segment.Header.Epoch < before.Epoch
            ? "the segment belongs to another layer, or to an older epoch than the one before it"
            : null;
    }
}
