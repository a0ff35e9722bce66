namespace Hatchery.Disks;

/// <summary>The bounds of what the write caches of one store take.</summary>
public sealed record StoreLimits
{
    /// <summary>What write caches leave free of the file system.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>What all write caches together may take; 0: what the file system has, less the reserve.</summary>
    public long CachesMaxBytes { get; init; }

    /// <summary>The part in use from which on operators are warned.</summary>
    public int WarnPercent { get; init; } = 80;

    /// <summary>Files that layers and write caches keep open; those not used for longest are closed, unless they have unsynced writes.</summary>
    public int OpenFilesMax { get; init; } = 1024;

    /// <summary>Memory for the indexes of all layers and write caches. With nine tenths of it used no new cache is begun; with all of it, caches take in no new blocks.</summary>
    public long IndexMemoryMaxBytes { get; init; } = 1L << 30;
}

/// <summary>What a store holds, and what of its bounds is in use.</summary>
/// <param name="CachesBytes">What write caches take, those set aside included.</param>
/// <param name="FreeBytes">Of the file system.</param>
public sealed record StoreUsage(
    long CachesBytes,
    long FreeBytes,
    CacheLevel Level,
    int OpenCaches,
    int OpenFiles,
    long IndexMemoryBytes,
    StoreLimits Limits
);
