namespace Hatchery.Disks;

/// <summary>
/// Keeps devices from filling a file system to the last byte: what else lies there, the farm database above all, has to go on
/// working while guests are told that there is no space. Thread-safe.
/// </summary>
internal sealed class StoreSpace(string path, long reserveBytes, Func<long> freeBytes, Action<StoreFault>? onTrouble)
{
    // Free space is asked for again after this much was written, since others write there too.
    private const long AskAgainBytes = 64L << 20;

    private readonly Lock _gate = new();
    private long _left;

    /// <summary>Room for a record, without what is held in reserve.</summary>
    public bool TryTake(long bytes)
    {
        if (reserveBytes == 0 || Interlocked.Add(ref _left, -bytes) >= 0)
            return true;
        lock (_gate)
        {
            var free = freeBytes() - reserveBytes;
            Interlocked.Exchange(ref _left, Math.Min(free, AskAgainBytes) - bytes);
            if (free >= bytes)
                return true;
        }
        Refused();
        return false;
    }

    /// <summary>A write was refused for want of space, here or by the file system.</summary>
    public void Refused() =>
        onTrouble?.Invoke(
            new(
                StoreFaultKind.NoSpace,
                path,
                $"writes of devices are refused: {freeBytes() >> 20} MiB are free, of which {reserveBytes >> 20} MiB are kept back"
            )
        );

    public void Lost(string cache) => onTrouble?.Invoke(new(StoreFaultKind.Damaged, cache, LostMark.Reason));
}
