using Hatchery.Disks;

namespace Hatchery.Benchmarks;

/// <summary>Another copy that has everything as soon as it is told.</summary>
/// <param name="isLater">It says so from another thread.</param>
internal sealed class EchoMirror(bool isLater) : ICacheMirror, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private IMirroredCache _cache = null!;
    private CachePosition _appended;
    private CachePosition _synced;
    private bool _isAnswering;

    public bool HasRoom => true;

    public bool IsElsewhere => false;

    public void Begin(IMirroredCache cache) => _cache = cache;

    public bool Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var length = 0;
        for (var i = 0; i < parts.Count; i++)
            length += parts[i].Length;
        Answer(at.Plus(length), _synced);
        return !isLater;
    }

    public bool Sync(CachePosition upTo)
    {
        Answer(_appended, upTo);
        return !isLater;
    }

    void IThreadPoolWorkItem.Execute()
    {
        CachePosition appended;
        CachePosition synced;
        lock (_gate)
            (appended, synced, _isAnswering) = (_appended, _synced, false);
        _cache.Acknowledged(appended);
        _cache.Synced(synced);
    }

    private void Answer(CachePosition appended, CachePosition synced)
    {
        if (!isLater)
            return;
        lock (_gate)
        {
            (_appended, _synced) = (appended, synced);
            if (_isAnswering)
                return;
            _isAnswering = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
