namespace Hatchery.Disks;

/// <summary>The way of a write: whoever finds no writer at work becomes it, and writes for all who queued meanwhile, a record at a time.</summary>
public sealed partial class WriteCache : IThreadPoolWorkItem
{
    private const int RequestMaxBytes = 32 << 20;
    private const int BatchMaxBytes = 4 << 20;

    // A record is on its way to the other copies while the next one is written.
    private const int MirroredBatchMaxBytes = 192 << 10;

    // Fewer writes than this are one record: two would cost more than it saves that the other copies work on one of them meanwhile.
    private const int SplitFromWrites = 8;

    // Whoever writes does so for others only so long; then the thread pool takes over.
    private const int BatchesAtOnce = 4;

    private readonly Queue<CacheRequest> _queue = new();
    private readonly CacheRequest[] _batch = new CacheRequest[RecordHeader.ExtentsMax];
    private bool _writing;
    private int _gathering;
    private int _held;
    private bool _closed;
    private bool _needsClosing;
    private SegmentWriter? _segment;
    private readonly RecordPart[] _parts = new RecordPart[RecordHeader.ExtentsMax];
    private readonly List<ClosedSegment> _closedSegments = [];
    private List<SegmentGap> _gaps = [];
    private long _position;
    private long _sizeBytes;

    void IThreadPoolWorkItem.Execute() => WriteQueued();

    private ValueTask<DiskStatus> SubmitAsync(CacheRequest request, CancellationToken cancellation) =>
        _slots.Wait(0, CancellationToken.None) ? Submit(request) : SubmitLaterAsync(request, cancellation);

    private async ValueTask<DiskStatus> SubmitLaterAsync(CacheRequest request, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        return await Submit(request);
    }

    private ValueTask<DiskStatus> Submit(CacheRequest request)
    {
        var task = request.Task;
        bool becomesWriter;
        lock (_gate)
        {
            _queue.Enqueue(request);
            var waitsForMore =
                _gathering > 0 && request.Kind == CacheRequestKind.Write && _queue.Count < RecordHeader.ExtentsMax;
            becomesWriter = !_writing && !waitsForMore;
            _writing |= becomesWriter;
        }
        if (becomesWriter)
            WriteQueued();
        return task;
    }

    /// <summary>Until as many calls of <see cref="EndGathering"/>, writes wait for one another while they fit one record.</summary>
    internal void BeginGathering()
    {
        lock (_gate)
            _gathering++;
    }

    internal void EndGathering()
    {
        lock (_gate)
        {
            _gathering--;
            if (_writing || _queue.Count == 0)
                return;
            _writing = true;
        }
        WriteQueued();
    }

    private void WriteQueued()
    {
        for (var round = 0; ; round++)
        {
            if (PausesForRoom())
                return;
            int count;
            DiskStatus state;
            lock (_gate)
            {
                count = _held > 0 ? _held : TakeBatch();
                _held = 0;
                state = _state;
                _writing = count > 0;
            }
            if (count == 0)
                return;
            var carried = Carry(_batch.AsSpan(0, count), state);
            _batch.AsSpan(carried, count - carried).CopyTo(_batch);
            _batch.AsSpan(count - carried, carried).Clear();
            if (carried < count && PausesForSync(count - carried))
                return;
            if (round + 1 < BatchesAtOnce)
                continue;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }
    }

    /// <summary>As many writes as fit one record; marks and the like go alone.</summary>
    private int TakeBatch()
    {
        var (count, bytes) = (0, 0L);
        var maxBytes = _mirror is null ? BatchMaxBytes : MirroredBatchMaxBytes;
        // No record takes more than half of what is under way, so that the other copies have one to work on while the next is written.
        var most = _isCopied
            ? _batch.Length
            : Math.Clamp((_queue.Count + _unacknowledged.Count + 1) / 2, SplitFromWrites, _batch.Length);
        while (count < most && _queue.TryPeek(out var next))
        {
            var isWrite = next.Kind is CacheRequestKind.Write or CacheRequestKind.Zero;
            bytes += next.Data.Length;
            if (count > 0 && (!isWrite || bytes > maxBytes))
                break;
            _batch[count++] = _queue.Dequeue();
            if (!isWrite)
                break;
        }
        return count;
    }

    /// <returns>How many of them are done with; the others need a new segment, and the present one cannot be closed yet.</returns>
    private int Carry(ReadOnlySpan<CacheRequest> batch, DiskStatus state)
    {
        if (Append(batch, state) is not { } status)
            return 0;
        if (status != DiskStatus.NoSpace || batch.Length == 1)
        {
            Appended(batch, status);
            return batch.Length;
        }
        // What is too much together may fit one by one.
        for (var i = 0; i < batch.Length; i++)
        {
            var one = batch.Slice(i, 1);
            if (Append(one, State) is not { } alone)
                return i;
            Appended(one, alone);
        }
        return batch.Length;
    }

    /// <returns>Null: the segment has to be closed first, and cannot be yet; nothing was done.</returns>
    private DiskStatus? Append(ReadOnlySpan<CacheRequest> batch, DiskStatus state)
    {
        var kind = batch[0].Kind;
        if (state != DiskStatus.Ok || _closed)
            return state == DiskStatus.Ok && kind != CacheRequestKind.Close ? DiskStatus.IoError : state;
        try
        {
            return kind switch
            {
                CacheRequestKind.Mark => AppendMark(batch[0].FillsPage),
                CacheRequestKind.Begin => BeginNext(),
                CacheRequestKind.Remove => Remove(batch[0].Segments!),
                CacheRequestKind.Close => Close(),
                _ when _segment is { } full && full.Length >= SegmentSizeBytes && !TrySeal(full) => null,
                CacheRequestKind.Move => AppendMoved(batch[0].Batch!),
                _ => AppendWrites(batch),
            };
        }
        catch (IOException error) when (error.IsNoSpace())
        {
            _options.Space?.Refused();
            return kind is CacheRequestKind.Write or CacheRequestKind.Zero ? StoreIsFull() : DiskStatus.NoSpace;
        }
        catch (IOException error)
        {
            End(DiskStatus.IoError);
            Report(new(StoreFaultKind.IoError, _folder, error.Message));
            return DiskStatus.IoError;
        }
    }

    private void Appended(ReadOnlySpan<CacheRequest> batch, DiskStatus status)
    {
        _closed |= batch[0].Kind == CacheRequestKind.Close;
        // What a flush needs of a mark it asks for itself, and nobody waits for a header.
        var waits = batch[0].Kind is not (CacheRequestKind.Mark or CacheRequestKind.Begin or CacheRequestKind.Remove);
        if (status == DiskStatus.Ok && _mirror is not null && waits)
            CompleteCopied(batch);
        else
            Complete(batch, status);
    }

    private void Complete(ReadOnlySpan<CacheRequest> batch, DiskStatus status)
    {
        foreach (var request in batch)
            Complete(request, status);
    }

    private void Complete(CacheRequest request, DiskStatus status)
    {
        _slots.Release();
        request.Complete(status);
    }

    private DiskStatus AppendWrites(ReadOnlySpan<CacheRequest> batch)
    {
        var parts = _parts.AsSpan(0, batch.Length);
        for (var i = 0; i < batch.Length; i++)
            parts[i] = batch[i].Part;
        var status = RoomFor(parts);
        if (status == DiskStatus.Ok)
            Append(parts);
        parts.Clear();
        return status;
    }

    private void Append(ReadOnlySpan<RecordPart> parts)
    {
        var segment = _segment ?? BeginSegment();
        var before = segment.Length;
        var at = segment.Append(parts);
        var crcs = segment.Crcs;
        foreach (var (extent, _) in parts)
        {
            _layer.Put(segment.Number, extent, at, crcs);
            at += extent.DataBytes;
            crcs = crcs[extent.Pieces..];
        }
        Advance(segment.Length - before);
        CountIndex();
    }

    private DiskStatus AppendMark(bool fillsPage)
    {
        _reached = default;
        if (_segment is not { } segment)
            return DiskStatus.Ok;
        var before = segment.Length;
        lock (_gate)
            segment.Synced(_syncedSegment == segment.Number ? _syncedLength : 0);
        try
        {
            segment.AppendMark(fillsPage);
        }
        catch (IOException error) when (error.IsNoSpace())
        {
            // The flush stands without its mark: a mark only tells damage from a torn tail, and the next one covers this.
        }
        // A mark is nothing that a flush would have to make durable, so the position stands still.
        Grow(segment.Length - before);
        _reached = (segment.File, segment.Number, segment.Length, _position);
        AskToSync(new(segment.Number, segment.Length));
        return DiskStatus.Ok;
    }

    private void Advance(long bytes)
    {
        Grow(bytes);
        bool isFar;
        lock (_gate)
        {
            _position += bytes;
            isFar = _position - Math.Max(_syncedPosition, _askedPosition) > _options.UnsyncedMaxBytes;
            if (isFar)
                _askedPosition = _position;
        }
        if (isFar)
            _ = FlushAsync().AsTask();
    }

    private SegmentWriter BeginSegment()
    {
        var previous = _closedSegments.Count > 0 ? _closedSegments[^1] : default;
        var header = new SegmentHeader(
            0,
            SegmentHeader.CheckedPieces,
            Identity.Farm,
            Identity.Device,
            Identity.Boot,
            Epoch,
            Identity.Layer,
            Identity.Parent,
            (ulong)previous.Number + 1,
            Identity.DiskLengthBytes,
            _files.HostRun,
            previous.Length,
            previous.Chain,
            _options.Salt()
        )
        {
            Gaps = _gaps,
        };
        var path = Path.Combine(_folder, SegmentName.Of(previous.Number + 1));
        var segment = SegmentWriter.Create(_files, _options.Files, path, header, _mirror is null ? null : Tap);
        _layer.AddSegment(segment.Number, path, segment.File);
        _segment = segment;
        Grow(segment.Length);
        return segment;
    }

    private void SealSegment(SegmentWriter segment)
    {
        var before = segment.Length;
        try
        {
            var live = new List<LivePiece>();
            for (long page = 0; page >= 0; )
                page = _layer.Collect(page, number => number == segment.Number, live, SlotsAtOnce);
            segment.Seal(live);
        }
        catch (IOException)
        {
            // Whatever the reason: a segment that cannot be synced is lost, and the cache with it.
            Lose(LostMark.SyncFailed);
            throw new IOException("the segment could not be synced");
        }
        lock (_gate)
        {
            _closedSegments.Add(new(segment.Number, segment.Length, segment.Chain));
            _syncedPosition = _markedPosition = _position;
        }
        _segment = null;
        Grow(segment.Length - before);
    }

    private DiskStatus? BeginNext()
    {
        if (_segment is { } segment && !TrySeal(segment))
            return null;
        BeginSegment();
        return DiskStatus.Ok;
    }

    private DiskStatus? Close()
    {
        // What a killed process left open was synced when it was opened; an empty closed segment behind it says so.
        if (_needsClosing && _segment is null)
            BeginSegment();
        if (_segment is { } segment && !TrySeal(segment))
            return null;
        IsSealed = true;
        return DiskStatus.Ok;
    }
}
