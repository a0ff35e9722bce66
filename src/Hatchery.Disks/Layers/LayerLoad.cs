namespace Hatchery.Disks;

/// <summary>Reads an existing layer's segments, oldest first, into an index.</summary>
internal sealed class LayerLoad(IFileSystem files, FilePool pool, string folder) : IDisposable
{
    private readonly List<OpenedSegment> _segments = [];
    private readonly List<ClosedSegment> _closed = [];

    /// <summary>Null until a header was read.</summary>
    public CacheIdentity? Identity =>
        _segments is [{ Header: var first }, ..]
            ? new(first.Farm, first.Device, first.Boot, first.Layer, first.Parent, first.DiskLengthBytes)
            : null;

    /// <summary>Every segment that was read, and where its good records end.</summary>
    public IReadOnlyList<ClosedSegment> Segments => _closed;

    /// <summary>Files of segments that the layer had removed.</summary>
    public IReadOnlyList<string> Leftovers { get; private set; } = [];

    /// <summary>The newest segment was closed: nothing that was ever acknowledged can be missing.</summary>
    public bool IsClosed { get; private set; }

    public CacheRecovery Recovery { get; private set; } = CacheRecovery.None;

    /// <summary>Opens the files and checks that they are one layer's, in order and without a gap that the newest does not know of.</summary>
    public StoreFault? Open()
    {
        var numbers = files.List(folder).Select(SegmentName.NumberOf).OfType<int>().Order().ToList();
        if (numbers.Count == 0)
            return new(StoreFaultKind.Missing, folder, "no write cache");
        var newest = OpenedSegment.Open(files, pool, folder, numbers[^1]);
        if (newest.Fault is { Kind: StoreFaultKind.Damaged } && IsUnborn(numbers[^1]))
        {
            numbers.RemoveAt(numbers.Count - 1);
            if (numbers.Count == 0)
                return new(StoreFaultKind.Missing, folder, "the write cache was never finished");
            newest = OpenedSegment.Open(files, pool, folder, numbers[^1]);
        }
        if (newest.Value is not { } last)
            return newest.Fault;
        var fault = OpenOlder(numbers[..^1], last.Header.Gaps, last.Number);
        _segments.Add(last);
        // Last, so that it is known whose the lost copy is.
        return fault
            ?? Check(last)
            ?? (LostMark.Read(files, folder) is { } reason ? new(StoreFaultKind.Damaged, folder, reason) : null);
    }

    /// <summary>Reads the records; every file stays open, and the layer owns it.</summary>
    /// <param name="slotsBefore">Added to the segments' numbers; where a layer lies on others, each has numbers of its own.</param>
    public StoreFault? Read(Layer layer, long verifyMaxBytes, int slotsBefore = 0)
    {
        long lostBytes = 0,
            verified = 0;
        var newestEpoch = _segments[^1].Header.Epoch;
        var newer = _segments.Sum(s => s.File.Length);
        foreach (var (at, segment) in _segments.Index())
        {
            var slot = slotsBefore + segment.Number;
            layer.AddSegment(slot, segment.Path, segment.File);
            var seal = SealOf(at);
            newer -= segment.File.Length;
            if (segment.File.Length > BlockLocation.OffsetMaxBytes || slot > BlockLocation.SegmentMax)
                return new(
                    StoreFaultKind.Unsupported,
                    segment.Path,
                    "the segment, or the row of segments, is too long"
                );
            if (
                seal is { } end
                && newer + segment.File.Length > verifyMaxBytes
                && SegmentFooter.TryRead(segment, end.Length, end.Chain) is { } entries
            )
            {
                layer.Put(slot, entries);
                _closed.Add(new(segment.Number, end.Length, end.Chain));
                IsClosed = true;
                continue;
            }
            var result = segment
                .Scan(IsSameRun(segment))
                .Run(seal, (extent, offset, crcs) => layer.Put(slot, extent, offset, crcs));
            if (result.Damage is { } damage)
                return new(StoreFaultKind.Damaged, damage.File, damage.Detail, damage.Offset);
            _closed.Add(new(segment.Number, result.Length, result.Chain));
            IsClosed = result.IsClosed;
            newestEpoch = result.Epoch > newestEpoch ? result.Epoch : newestEpoch;
            lostBytes += result.LostBytes;
            verified += result.Length;
        }
        var lostPower = !IsClosed && !IsSameRun(_segments[^1]);
        Recovery = new(_segments.Count, _closed.Sum(s => s.Length), verified, lostBytes, lostPower, newestEpoch);
        return null;
    }

    /// <summary>Reads every record, and compares it with its checksum.</summary>
    /// <param name="isWritten">Somebody appends to the newest segment just now: it is left out.</param>
    public StoreFault? Verify(bool isWritten, CancellationToken cancellation)
    {
        for (var at = 0; at < _segments.Count - (isWritten ? 1 : 0); at++)
        {
            cancellation.ThrowIfCancellationRequested();
            var segment = _segments[at];
            if (segment.Scan(IsSameRun(segment)).Run(SealOf(at), (_, _, _) => { }).Damage is { } damage)
                return new(StoreFaultKind.Damaged, damage.File, damage.Detail, damage.Offset);
        }
        return null;
    }

    /// <summary>What can be said of a copy by its newest segment and the lengths of the others.</summary>
    public CopyState Measure()
    {
        for (var at = 0; at + 1 < _segments.Count; at++)
            if (_segments[at].File.Length < SealOf(at)!.Value.Length)
                return new(CopyCondition.Lost, default);
        var newest = _segments[^1];
        var result = newest.Scan(IsSameRun(newest)).Run(seal: null, (_, _, _) => { });
        return new(
            result.Damage is not null ? CopyCondition.Lost
                : result.IsClosed || IsSameRun(newest) ? CopyCondition.Whole
                : CopyCondition.PowerLost,
            new(newest.Number, result.Length)
        );
    }

    /// <summary>What the page cache has is not yet what the disk has; the next segment's header will say that it is.</summary>
    public void SyncNewest()
    {
        try
        {
            _segments[^1].File.Sync();
        }
        catch (IOException)
        {
            LostMark.Make(files, folder, LostMark.SyncFailed);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment.File.Dispose();
    }

    private bool IsSameRun(OpenedSegment segment) =>
        (HostRunMark.Read(files, folder) ?? segment.Header.HostRun) == files.HostRun;

    private StoreFault? OpenOlder(List<int> numbers, IReadOnlyList<SegmentGap> gaps, int newest)
    {
        var leftovers = new List<string>();
        var expected = 1;
        foreach (var number in numbers.Append(newest))
        {
            if (gaps.Any(g => g.Contains(number)))
            {
                leftovers.Add(Path.Combine(folder, SegmentName.Of(number)));
                continue;
            }
            foreach (var gap in gaps)
                if (gap.Contains(expected))
                    expected = (int)gap.End;
            if (number != expected)
                return new(StoreFaultKind.Damaged, folder, $"{SegmentName.Of(expected)} is missing");
            expected++;
            if (number == newest)
                break;
            var opened = OpenedSegment.Open(files, pool, folder, number);
            if (opened.Value is not { } segment)
                return opened.Fault;
            _segments.Add(segment);
            if (Check(segment) is { } fault)
                return fault;
        }
        Leftovers = leftovers;
        return null;
    }

    /// <summary>Where a segment ends by what the next one's header says, or the newest one's if that is gone; null for the newest.</summary>
    private (long Length, uint Chain)? SealOf(int at)
    {
        if (at + 1 == _segments.Count)
            return null;
        var next = _segments[at + 1];
        if (next.Number == _segments[at].Number + 1)
            return (next.Header.PreviousLength, next.Header.PreviousChain);
        var gap = _segments[^1].Header.Gaps.First(g => g.Contains(_segments[at].Number + 1));
        return (gap.PreviousLength, gap.PreviousChain);
    }

    /// <summary>A header is made durable before the first record: a file with no more than it never held anything.</summary>
    private bool IsUnborn(int number)
    {
        using var file = files.OpenRead(Path.Combine(folder, SegmentName.Of(number)));
        return file.Length <= SegmentHeader.SizeBytes;
    }

    private StoreFault? Check(OpenedSegment segment)
    {
        var at = _segments.IndexOf(segment);
        var header = segment.Header;
        string? wrong = null;
        if (header.Number == 1 && header.PreviousLength != 0)
            wrong = "the first segment follows another";
        else if (
            at > 0
            && _segments[at - 1].Header is var before
            && (
                header.Layer != before.Layer
                || header.DiskLengthBytes != before.DiskLengthBytes
                || header.Epoch < before.Epoch
            )
        )
            wrong = "the segment belongs to another layer, or to an older epoch than the one before it";
        return wrong is null ? null : new(StoreFaultKind.Damaged, segment.Path, wrong, 0);
    }
}
