namespace Hatchery.Disks;

/// <summary>For what room in a store is asked: each may take a little more of what is kept back than the one before.</summary>
internal enum StorePurpose
{
    Write,

    /// <summary>Takes a record, and gives back what compaction finds.</summary>
    Discard,

    /// <summary>Takes less than it gives back.</summary>
    Compaction,
}

/// <summary>
/// Keeps devices from filling a file system to the last byte: what else lies there, the farm database above all, has to go on
/// working while guests are told that there is no space. Thread-safe.
/// </summary>
internal sealed class StoreSpace(
    string path,
    StoreLimits limits,
    Func<long> freeBytes,
    long usedBytes,
    Action<StoreFault>? onTrouble
)
{
    // Free space is asked for again after this much was written, since others write there too.
    private const long AskAgainBytes = 16L << 20;

    // With less than this a store counts as full: some request of a device is refused.
    private const long FullBytes = 1L << 20;

    private readonly Lock _gate = new();
    private long _left;
    private long _used = usedBytes;
    private int _level;

    /// <summary>What all write caches take.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    public CacheLevel Level => Room() is var room && room < FullBytes ? CacheLevel.Full : LevelAt(room);

    /// <summary>Room for a record, without what is held in reserve.</summary>
    public bool TryTake(long bytes, StorePurpose purpose)
    {
        if (purpose == StorePurpose.Write && Interlocked.Add(ref _left, -bytes) >= 0)
            return true;
        long room;
        lock (_gate)
        {
            room = Room();
            // Of what is kept back a discard may have half, and compaction what there is.
            var extra = purpose switch
            {
                StorePurpose.Discard => limits.ReserveBytes / 2,
                StorePurpose.Compaction => limits.ReserveBytes,
                _ => 0,
            };
            if (purpose == StorePurpose.Write)
                Interlocked.Exchange(ref _left, Math.Min(room, AskAgainBytes) - bytes);
            room += extra;
        }
        SetLevel(room < bytes ? CacheLevel.Full : LevelAt(room));
        if (room >= bytes)
            return true;
        if (purpose != StorePurpose.Compaction)
            Refused();
        return false;
    }

    public void Grew(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>A write was refused for want of space, here or by the file system.</summary>
    public void Refused() =>
        onTrouble?.Invoke(
            new(
                StoreFaultKind.NoSpace,
                path,
                $"writes of devices are refused: {freeBytes() >> 20} MiB are free, of which {limits.ReserveBytes >> 20} MiB are kept back; "
                    + $"write caches take {UsedBytes >> 20} MiB{OfMax}"
            )
        );

    public void Lost(StoreFault fault) => onTrouble?.Invoke(fault);

    private string OfMax => limits.CachesMaxBytes > 0 ? $" of {limits.CachesMaxBytes >> 20} MiB" : "";

    private long Room()
    {
        var free = freeBytes() - limits.ReserveBytes;
        return limits.CachesMaxBytes > 0 ? Math.Min(free, limits.CachesMaxBytes - UsedBytes) : free;
    }

    private CacheLevel LevelAt(long room)
    {
        var whole = limits.CachesMaxBytes > 0 ? limits.CachesMaxBytes : UsedBytes + room;
        return whole - room >= whole / 100.0 * limits.WarnPercent ? CacheLevel.Warning : CacheLevel.Ok;
    }

    private void SetLevel(CacheLevel level)
    {
        if (Interlocked.Exchange(ref _level, (int)level) != (int)CacheLevel.Ok || level != CacheLevel.Warning)
            return;
        onTrouble?.Invoke(
            new(
                StoreFaultKind.NearlyFull,
                path,
                $"write caches take {UsedBytes >> 20} MiB{OfMax}, and {Math.Max(0, Room()) >> 20} MiB are left to them: free some, or raise the limit"
            )
        );
    }
}
