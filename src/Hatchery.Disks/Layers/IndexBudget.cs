namespace Hatchery.Disks;

/// <summary>The memory that the indexes of all layers of a server take. Thread-safe.</summary>
internal sealed class IndexBudget(long maxBytes)
{
    // The last tenth is for caches that are open.
    private const int SpareShare = 10;

    private long _used;

    public long MaxBytes => maxBytes;

    public long UsedBytes => Interlocked.Read(ref _used);

    /// <summary>No cache may take in new blocks.</summary>
    public bool IsFull => UsedBytes >= maxBytes;

    private bool IsTight => UsedBytes >= maxBytes - (maxBytes / SpareShare);

    /// <summary>Why nothing that needs an index is begun now; null: it may be.</summary>
    /// <param name="path">What is not begun.</param>
    public StoreFault? WhyTight(string path) =>
        IsTight
            ? new(
                StoreFaultKind.NoMemory,
                path,
                $"not begun or opened: indexes take {UsedBytes >> 20} MiB of {MaxBytes >> 20}"
            )
            : null;

    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}
