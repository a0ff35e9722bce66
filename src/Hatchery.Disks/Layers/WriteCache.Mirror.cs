using System.Security.Cryptography;

namespace Hatchery.Disks;

/// <summary>
/// The way to the other copies. The writer tells them what it has appended, and asks them to sync; nobody else calls the mirror, so its calls come
/// in the order of the files. What waits for its answers is completed by those, or with what ends the cache.
/// </summary>
public sealed partial class WriteCache : IMirroredCache
{
    private const int HashBytes = 1 << 20;

    private readonly ICacheMirror? _mirror;

    // Requests that not every copy has, in the order of the file, with where each ends.
    private readonly Queue<(CachePosition End, CacheRequest Request)> _unacknowledged = new();
    private CachePosition _acknowledged;
    private CachePosition _copiesSynced;
    private int _answers;
    private (CachePosition UpTo, CacheRequest? Request) _syncWait;

    // The writer's own: what the mirror was told last, and whether every copy has it.
    private CachePosition _appended;
    private bool _isCopied = true;

    // The writer stands still until the copies are durable up to there, or, at (0, 0), until the mirror says anything.
    private bool _isPaused;
    private CachePosition _pausedFor;

    private volatile bool _holdsCompaction;

    /// <summary>It may wait for other copies.</summary>
    internal bool IsMirrored => _mirror is not null;

    void IMirroredCache.Acknowledged(CachePosition upTo) => Release(upTo, default);

    void IMirroredCache.Synced(CachePosition upTo) => Release(upTo, upTo);

    void IMirroredCache.Fence() => End(DiskStatus.Fenced);

    void IMirroredCache.BeginSegment() =>
        // Not on the mirror's thread: it might become the writer.
        _ = Task.Run(async () => await BeginSegmentAsync());

    /// <summary>Closes the segment that is written to: whoever opens the cache next reads its index, and not all of it.</summary>
    public ValueTask<DiskStatus> BeginSegmentAsync() => SubmitAsync(CacheRequest.Begin(), CancellationToken.None);

    void IMirroredCache.HoldCompaction(bool isHeld) => _holdsCompaction = isHeld;

    (int Number, long LengthBytes, byte[] Sha256)? IMirroredCache.HashSegment(int above, int below)
    {
        if (ClosedSegments.FirstOrDefault(s => s.Number > above && s.Number < below) is not { Number: > 0 } segment)
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[(int)Math.Min(HashBytes, segment.Length)];
        for (long at = 0; at < segment.Length; )
        {
            if (Read(segment, at, buffer) is not (> 0 and var read))
                return (segment.Number, segment.Length, new byte[SHA256.HashSizeInBytes]);
            hash.AppendData(buffer.AsSpan(0, read));
            at += read;
        }
        return (segment.Number, segment.Length, hash.GetHashAndReset());
    }

    int? IMirroredCache.ReadSegment(int segment, long offset, Span<byte> destination) =>
        ClosedSegments.FirstOrDefault(s => s.Number == segment) is { Number: > 0 } closed
            ? Read(closed, offset, destination)
            : null;

    private int? Read(ClosedSegment segment, long offset, Span<byte> destination) =>
        offset < 0 || offset > segment.Length
            ? null
            : _layer.ReadFile(
                segment.Number,
                offset,
                destination[..(int)Math.Min(destination.Length, segment.Length - offset)]
            );

    /// <summary>The own file has these bytes: now the other copies get them.</summary>
    private void Tap(CachePosition at, long bytes, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        _isCopied = _mirror!.Append(at, parts);
        _appended = at.Plus(bytes);
    }

    /// <summary>Completes requests that the own file has, at once or when every copy has them.</summary>
    private void CompleteCopied(ReadOnlySpan<CacheRequest> batch)
    {
        if (!_isCopied)
            lock (_gate)
                if (_state == DiskStatus.Ok && _acknowledged < _appended)
                {
                    foreach (var request in batch)
                        _unacknowledged.Enqueue((_appended, request));
                    return;
                }
        // Nobody but the writer adds to them.
        if (_isCopied && _unacknowledged.Count > 0)
            Release(_appended, default);
        Complete(batch, _state);
    }

    /// <summary>Asks the copies to sync, beside the own file's.</summary>
    private void AskToSync(CachePosition upTo)
    {
        if (_mirror is not null && !AreCopiesSynced(upTo) && _mirror.Sync(upTo))
            Release(upTo, upTo);
    }

    /// <summary>When the other copies are durable up to there; they were asked to.</summary>
    private ValueTask<DiskStatus> CopiesSyncedAsync(CachePosition upTo)
    {
        if (_mirror is null)
            return new(DiskStatus.Ok);
        lock (_gate)
        {
            if (_state != DiskStatus.Ok || _copiesSynced >= upTo)
                return new(_state);
            var request = CacheRequest.Flush(target: 0);
            _syncWait = (upTo, request);
            return request.Task;
        }
    }

    private bool AreCopiesSynced(CachePosition upTo)
    {
        lock (_gate)
            return _copiesSynced >= upTo;
    }

    /// <summary>Closes a segment once the other copies are durable up to its end. False: they are asked to be, and the writer has to stand still.</summary>
    private bool TrySeal(SegmentWriter segment)
    {
        var end = new CachePosition(segment.Number, segment.Length);
        AskToSync(end);
        if (_mirror is not null && !AreCopiesSynced(end))
        {
            _pausedFor = end;
            return false;
        }
        SealSegment(segment);
        return true;
    }

    /// <summary>True: the writer stands still, with requests in hand, until the copies are durable.</summary>
    private bool PausesForSync(int held)
    {
        lock (_gate)
        {
            _held = held;
            return _isPaused = _state == DiskStatus.Ok && _copiesSynced < _pausedFor;
        }
    }

    /// <summary>True: the writer stands still until the mirror has room.</summary>
    private bool PausesForRoom()
    {
        while (_mirror is not null)
        {
            var answers = Volatile.Read(ref _answers);
            if (_mirror.HasRoom)
                return false;
            lock (_gate)
            {
                if (_state != DiskStatus.Ok)
                    return false;
                if (answers != _answers)
                    continue;
                _pausedFor = default;
                return _isPaused = true;
            }
        }
        return false;
    }

    /// <summary>Completes, in order, what waited for no more than is known now, and lets the writer go on; all of it on other threads.</summary>
    private void Release(CachePosition acknowledged, CachePosition synced)
    {
        CacheRequest? sync = null;
        DiskStatus state;
        bool resumes;
        lock (_gate)
        {
            _answers++;
            if (acknowledged > _acknowledged)
                _acknowledged = acknowledged;
            if (synced > _copiesSynced)
                _copiesSynced = synced;
            state = _state;
            var isOver = state != DiskStatus.Ok;
            if (isOver || _syncWait.UpTo <= _copiesSynced)
                (sync, _syncWait) = (_syncWait.Request, default);
            resumes = _isPaused && (isOver || _pausedFor <= _copiesSynced);
            if (resumes)
                _isPaused = false;
        }
        CompleteReleased();
        sync?.Complete(state);
        if (resumes)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>What one answer completes goes on together: what follows of it, the next writes of the same writers, is gathered into one record.</summary>
    private void CompleteReleased()
    {
        List<CacheRequest> released = [];
        DiskStatus state;
        lock (_gate)
        {
            state = _state;
            while (_unacknowledged.TryPeek(out var first) && (state != DiskStatus.Ok || first.End <= _acknowledged))
                released.Add(_unacknowledged.Dequeue().Request);
        }
        if (released.Count == 1)
            Complete(released[0], state);
        else if (released.Count > 1)
            ThreadPool.UnsafeQueueUserWorkItem(_ => CompleteTogether(released, state), null);
    }

    private void CompleteTogether(List<CacheRequest> released, DiskStatus state)
    {
        BeginGathering();
        foreach (var request in released)
        {
            _slots.Release();
            request.Complete(state, isHere: true);
        }
        EndGathering();
    }
}
