namespace Hatchery.Disks;

/// <summary>What the opening of an existing write cache found.</summary>
/// <param name="VerifiedBytes">How much was read and compared with its checksums; the rest was opened by its index.</param>
/// <param name="LostBytes">Written, perhaps acknowledged, but never flushed, and not whole: given up.</param>
/// <param name="LostPower">The host went down before the cache was closed: writes that were not flushed may be missing.</param>
/// <param name="NewestEpoch">Of the newest record or promise.</param>
public sealed record CacheRecovery(
    int Segments,
    long SizeBytes,
    long VerifiedBytes,
    long LostBytes,
    bool LostPower,
    Epoch NewestEpoch
)
{
    internal static CacheRecovery None { get; } = new(0, 0, 0, 0, false, default);
}
