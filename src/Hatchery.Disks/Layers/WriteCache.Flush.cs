namespace Hatchery.Disks;

/// <summary>
/// The way of a flush: one flusher at a time syncs for all who wait. First the data are synced, then a durable mark that
/// says so: a mark that could reach the disk before its data would turn a loss of power into apparent damage, and data
/// without a mark would let damage pass for a torn tail. Under load the second sync is the next flush's first.
/// </summary>
public sealed partial class WriteCache
{
    private readonly List<CacheRequest> _flushes = [];
    private Task _flusher = Task.CompletedTask;
    private bool _flushing;
    private int _syncedSegment;
    private long _syncedLength;
    private long _syncedPosition;
    private long _markedPosition;
    private long _askedPosition;

    // Where the newest mark ended: set by the writer before the mark completes, read by the one flusher after.
    private (ISegmentFile? File, int Segment, long Length, long Position) _reached;

    public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_state != DiskStatus.Ok || _position <= _markedPosition)
                return new(_state);
            var request = CacheRequest.Flush(_position);
            var task = request.Task;
            _flushes.Add(request);
            if (!_flushing)
            {
                _flushing = true;
                _flusher = Task.Run(FlushWaitingAsync, CancellationToken.None);
            }
            return task;
        }
    }

    private async Task FlushWaitingAsync()
    {
        while (NextTarget() is { } target)
        {
            if (target > SyncedPosition && await SyncAsync(fillsPage: true) is var first and not DiskStatus.Ok)
            {
                EndFlushes(first);
                continue;
            }
            var markable = SyncedPosition;
            var second = await SyncAsync(fillsPage: HasFlushBeyond(markable));
            if (second != DiskStatus.Ok)
            {
                EndFlushes(second);
                continue;
            }
            lock (_gate)
                _markedPosition = Math.Max(_markedPosition, markable);
            EndFlushes(DiskStatus.Ok, markable);
        }
    }

    private long SyncedPosition
    {
        get
        {
            lock (_gate)
                return _syncedPosition;
        }
    }

    private bool HasFlushBeyond(long position)
    {
        lock (_gate)
            return _flushes.Exists(f => f.Target > position);
    }

    /// <summary>Appends a mark and syncs up to it, here and in the other copies side by side. Only whole pages count as synced: a later write never touches a page that was called durable.</summary>
    private async ValueTask<DiskStatus> SyncAsync(bool fillsPage)
    {
        var status = await SubmitAsync(CacheRequest.Mark(fillsPage), CancellationToken.None);
        var reached = _reached;
        if (status != DiskStatus.Ok || reached.File is null)
            return status;
        try
        {
            reached.File.Sync();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            Lose(LostMark.SyncFailed);
            return DiskStatus.IoError;
        }
        if (await CopiesSyncedAsync(new(reached.Segment, reached.Length)) is var copied and not DiskStatus.Ok)
            return copied;
        if (fillsPage)
            lock (_gate)
            {
                (_syncedSegment, _syncedLength) = (reached.Segment, reached.Length);
                _syncedPosition = Math.Max(_syncedPosition, reached.Position);
            }
        return DiskStatus.Ok;
    }

    private long? NextTarget()
    {
        lock (_gate)
        {
            if (_flushes.Count > 0)
                return _flushes[0].Target;
            _flushing = false;
            return null;
        }
    }

    private void EndFlushes(DiskStatus status, long upTo = long.MaxValue)
    {
        CacheRequest[] done;
        long marked;
        lock (_gate)
        {
            done = [.. _flushes.Where(f => f.Target <= upTo)];
            _flushes.RemoveAll(f => f.Target <= upTo);
            marked = _markedPosition;
        }
        // A segment that was closed meanwhile is durable, whatever ended the cache after.
        foreach (var request in done)
            request.Complete(request.Target <= marked ? DiskStatus.Ok : status);
    }

    private Task FlusherEndedAsync()
    {
        lock (_gate)
            return _flusher;
    }
}
