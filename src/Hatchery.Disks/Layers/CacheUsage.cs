namespace Hatchery.Disks;

/// <summary>How near a write cache is to what it may take.</summary>
public enum CacheLevel
{
    Ok,

    /// <summary>The configured part of its limit is in use.</summary>
    Warning,

    /// <summary>Writes of new blocks are refused; reads, overwriting and discards go on.</summary>
    Full,
}

/// <param name="LiveBytes">What the device wrote and still needs; this is what its limit counts.</param>
/// <param name="SizeBytes">Of the files, with headers and what compaction has not given back yet.</param>
/// <param name="LimitBytes">0: none.</param>
/// <param name="Fault">Why the cache is over.</param>
public sealed record CacheUsage(
    long LiveBytes,
    long SizeBytes,
    long LimitBytes,
    long IndexMemoryBytes,
    CacheLevel Level,
    StoreFault? Fault
);
