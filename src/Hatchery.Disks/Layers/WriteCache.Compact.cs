namespace Hatchery.Disks;

/// <summary>
/// Compaction: what is still needed of old segments is appended again, as any write is, and flushed; then a new segment is begun whose
/// header says that the old ones are gone, and they are deleted. Until that header is durable they lie there and say the same. So
/// copies elsewhere follow by what is appended and by headers alone.
/// </summary>
public sealed partial class WriteCache
{
    private const int SlotsAtOnce = 4096;
    private const double LiveShareMax = 0.5;
    private const double UrgentLiveShareMax = 0.85;

    // Less gain than this part of a segment is not worth the syncs of a new one.
    private const int GainShare = 4;
    private const int UrgentGainShare = 32;

    private readonly List<RecordPart> _moved = [];

    internal IReadOnlyList<ClosedSegment> ClosedSegments
    {
        get
        {
            lock (_gate)
                return [.. _closedSegments];
        }
    }

    /// <summary>Closed segments that hold little of what the device still needs; none while it is not worth the work.</summary>
    /// <param name="urgent">Space is short: worth more work.</param>
    internal IReadOnlySet<int> SegmentsToCompact(bool urgent)
    {
        if (_holdsCompaction)
            return new HashSet<int>();
        var closed = ClosedSegments;
        var wasteful = closed
            .Where(s => _layer.LiveBytesOf(s.Number) <= (urgent ? UrgentLiveShareMax : LiveShareMax) * s.Length)
            .ToHashSet();
        var next = closed.Count > 0 ? closed[^1].Number + 1 : 1;
        var gaps = ClosedSegment.GapsIn(closed, next);
        // A header has room for so many gaps: when they get many, what lies between two of them is moved, too.
        var runs =
            gaps.Count < SegmentHeader.GapsMax / 2
                ? wasteful.Select(s => (ClosedSegment[])[s])
                : gaps.Zip(gaps.Skip(1), (gap, after) => (From: (long)gap.End, To: after.First))
                    .Select(run => closed.Where(s => s.Number >= run.From && s.Number < run.To).ToArray());
        var (chosen, live) = (new HashSet<int>(), 0L);
        foreach (var run in runs.OrderBy(Live).Take(SegmentHeader.GapsMax / 4))
        {
            live += Live(run);
            if (live > SegmentSizeBytes && chosen.Count > 0)
                break;
            chosen.UnionWith(run.Select(s => s.Number));
        }
        var gain = wasteful.Sum(s => s.Length - _layer.LiveBytesOf(s.Number));
        return gain >= SegmentSizeBytes / (urgent ? UrgentGainShare : GainShare) ? chosen : new HashSet<int>();

        long Live(ClosedSegment[] run) => run.Sum(s => _layer.LiveBytesOf(s.Number));
    }

    /// <summary>Compacts segments, beside writes and flushes; one call at a time.</summary>
    /// <param name="pace">Told after each batch how many bytes it had; the next waits for it.</param>
    /// <returns>Not ok: the segments lie there as before, and nothing is lost.</returns>
    internal async ValueTask<DiskStatus> CompactAsync(IReadOnlySet<int> segments, Func<int, ValueTask>? pace = null)
    {
        var found = new List<LivePiece>();
        var batch = new MoveBatch((int)Math.Min(MoveBatch.BytesMost, SegmentSizeBytes));
        for (long page = 0; page >= 0; )
        {
            found.Clear();
            page = _layer.Collect(page, segments.Contains, found, SlotsAtOnce);
            foreach (var piece in found)
            {
                if (batch.IsFull && await MoveAsync(batch, pace) is var moved and not DiskStatus.Ok)
                    return moved;
                if (Load(batch, piece) is var read and not DiskStatus.Ok)
                    return read;
            }
        }
        var status = await MoveAsync(batch, pace);
        if (status == DiskStatus.Ok)
            status = await FlushAsync();
        return status == DiskStatus.Ok
            ? await SubmitAsync(CacheRequest.Remove(segments), CancellationToken.None)
            : status;
    }

    private DiskStatus Load(MoveBatch batch, LivePiece piece)
    {
        var room = batch.Add(piece);
        if (piece.IsZeroes)
            return DiskStatus.Ok;
        var status = _layer.Read(piece, room, out var fault);
        if (fault is not null)
            Stop(fault);
        return status;
    }

    private async ValueTask<DiskStatus> MoveAsync(MoveBatch batch, Func<int, ValueTask>? pace)
    {
        if (batch.Pieces.Count == 0)
            return State;
        var status = await SubmitAsync(CacheRequest.Move(batch), CancellationToken.None);
        var bytes = batch.Bytes;
        batch.Clear();
        if (status == DiskStatus.Ok && pace is not null)
            await pace(bytes);
        return status;
    }

    /// <summary>The writer's part of a move: what was overwritten since it was read is left out.</summary>
    private DiskStatus AppendMoved(MoveBatch batch)
    {
        if (_options.Space is { } space && !space.TryTake(batch.Bytes, StorePurpose.Compaction))
            return DiskStatus.NoSpace;
        Span<BlockPiece> now = stackalloc BlockPiece[RecordHeader.ExtentsMax];
        var end = -1;
        foreach (var (piece, at) in batch.Pieces)
            for (var (block, left) = (piece.Block, piece.Blocks); left > 0; )
            {
                var before = block;
                foreach (var state in now[.._layer.Find(block, Math.Min(left, RecordExtent.BlocksMax), now)])
                {
                    if (piece.IsZeroes && state.Source == BlockSource.Zeroes)
                        (end, _) = (-1, AddMoved(new(new(block, state.Take, IsZeroes: true), default)));
                    else if (!piece.IsZeroes && state.Location == piece.Location)
                        end = AddMoved(batch, block, at + (state.Skip * RecordExtent.BlockBytes), state.Take, end);
                    block += state.Take;
                }
                left -= block - before;
            }
        AppendMoved();
        return DiskStatus.Ok;
    }

    /// <summary>Adds data, to the part before where they go on there; <paramref name="end"/> is where that ends in the batch.</summary>
    private int AddMoved(MoveBatch batch, long block, int at, long blocks, int end)
    {
        if (at == end && _moved is [.., var last] && last.Extent.EndBlock == block)
        {
            blocks += last.Extent.Blocks;
            at -= last.Data.Length;
            _moved[^1] = RecordPart.Of(last.Extent.Block, batch.Data(at, blocks));
        }
        else
            AddMoved(RecordPart.Of(block, batch.Data(at, blocks)));
        return at + ((int)blocks * RecordExtent.BlockBytes);
    }

    private bool AddMoved(RecordPart part)
    {
        if (_moved.Count == RecordHeader.ExtentsMax)
            AppendMoved();
        _moved.Add(part);
        return true;
    }

    private void AppendMoved()
    {
        if (_moved.Count == 0)
            return;
        try
        {
            Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_moved));
        }
        finally
        {
            _moved.Clear();
        }
    }

    private DiskStatus? Remove(IReadOnlySet<int> segments)
    {
        if (_holdsCompaction)
            return DiskStatus.Ok;
        if (!TrySeal(_segment ?? BeginSegment()))
            return null;
        var row = _closedSegments.ToArray();
        ClosedSegment[] gone = [.. row.Where(s => segments.Contains(s.Number) && _layer.LiveBytesOf(s.Number) == 0)];
        ClosedSegment[] kept = [.. row.Except(gone)];
        var gaps = ClosedSegment.GapsIn(kept, row[^1].Number + 1);
        if (gone.Length == 0 || gaps.Count > SegmentHeader.GapsMax)
            return DiskStatus.Ok;
        var before = _gaps;
        try
        {
            _gaps = gaps;
            BeginSegment();
        }
        catch (IOException)
        {
            _gaps = before;
            throw;
        }
        lock (_gate)
            _closedSegments.RemoveAll(s => segments.Contains(s.Number) && gone.Contains(s));
        foreach (var segment in gone)
            Delete(segment);
        return DiskStatus.Ok;
    }

    private void Delete(ClosedSegment segment)
    {
        _layer.RemoveSegment(segment.Number);
        Grow(-segment.Length);
        try
        {
            _files.Delete(Path.Combine(_folder, SegmentName.Of(segment.Number)));
        }
        catch (IOException)
        {
            // It is deleted when the cache is opened again: the newest header says that it is gone.
        }
    }
}
