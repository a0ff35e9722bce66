using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace Hatchery.Disks;

internal enum CacheRequestKind
{
    Write,
    Zero,
    Mark,
    Flush,
    Close,

    /// <summary>Compaction: what is still needed of a segment is written again.</summary>
    Move,

    /// <summary>Compaction: a new segment is begun, whose header says that others are gone.</summary>
    Remove,

    /// <summary>A joining copy: the segment that is written is closed, and another one begun.</summary>
    Begin,
}

/// <summary>One request to a write cache, waiting or done; taken from a pool and returned to it by whoever awaits it, once.</summary>
internal sealed class CacheRequest : IValueTaskSource<DiskStatus>
{
    private const int PoolMax = 1024;

    private static readonly ConcurrentQueue<CacheRequest> s_pool = new();

    private ManualResetValueTaskSourceCore<DiskStatus> _core;

    public CacheRequestKind Kind { get; private set; }

    public long Offset { get; private set; }

    public long LengthBytes { get; private set; }

    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Mark: whether to fill the file's last page. Only whole pages are ever called durable.</summary>
    public bool FillsPage { get; private set; }

    /// <summary>Flush: the log position that has to become durable.</summary>
    public long Target { get; private set; }

    /// <summary>Move.</summary>
    public MoveBatch? Batch { get; private set; }

    /// <summary>Remove.</summary>
    public IReadOnlySet<int>? Segments { get; private set; }

    public RecordPart Part =>
        new(
            new(
                Offset / RecordExtent.BlockBytes,
                LengthBytes / RecordExtent.BlockBytes,
                IsZeroes: Kind == CacheRequestKind.Zero
            ),
            Data
        );

    public ValueTask<DiskStatus> Task => new(this, _core.Version);

    public static CacheRequest Write(long offset, ReadOnlyMemory<byte> data) =>
        Take(CacheRequestKind.Write, offset, data.Length, data);

    public static CacheRequest Zero(long offset, long lengthBytes) =>
        Take(CacheRequestKind.Zero, offset, lengthBytes, default);

    public static CacheRequest Mark(bool fillsPage)
    {
        var request = Take(CacheRequestKind.Mark, 0, 0, default);
        request.FillsPage = fillsPage;
        return request;
    }

    public static CacheRequest Flush(long target)
    {
        var request = Take(CacheRequestKind.Flush, 0, 0, default);
        request.Target = target;
        return request;
    }

    public static CacheRequest Move(MoveBatch batch)
    {
        var request = Take(CacheRequestKind.Move, 0, 0, default);
        request.Batch = batch;
        return request;
    }

    public static CacheRequest Remove(IReadOnlySet<int> segments)
    {
        var request = Take(CacheRequestKind.Remove, 0, 0, default);
        request.Segments = segments;
        return request;
    }

    public static CacheRequest Begin() => Take(CacheRequestKind.Begin, 0, 0, default);

    public static CacheRequest Close() => Take(CacheRequestKind.Close, 0, 0, default);

    /// <param name="isHere">Whoever awaits it goes on within this call, not on another thread.</param>
    public void Complete(DiskStatus status, bool isHere = false)
    {
        _core.RunContinuationsAsynchronously = !isHere;
        _core.SetResult(status);
    }

    public DiskStatus GetResult(short token)
    {
        var status = _core.GetResult(token);
        _core.Reset();
        (Data, Batch, Segments) = (default, null, null);
        if (s_pool.Count < PoolMax)
            s_pool.Enqueue(this);
        return status;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _core.OnCompleted(continuation, state, token, flags);

    private static CacheRequest Take(CacheRequestKind kind, long offset, long lengthBytes, ReadOnlyMemory<byte> data)
    {
        if (!s_pool.TryDequeue(out var request))
            request = new();
        (request.Kind, request.Offset, request.LengthBytes, request.Data) = (kind, offset, lengthBytes, data);
        return request;
    }
}
