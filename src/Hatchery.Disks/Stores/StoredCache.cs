namespace Hatchery.Disks;

/// <summary>A write cache as it lies in a store.</summary>
/// <param name="Identity">Null when its first header cannot be read: see <paramref name="Fault"/>.</param>
/// <param name="Epoch">The highest that wrote or was promised.</param>
/// <param name="ChangedAt">When it was set aside, or else its newest file was last written; by the host's wall clock: for people and for retention.</param>
public sealed record StoredCache(
    LayerId Layer,
    CacheIdentity? Identity,
    Epoch Epoch,
    long SizeBytes,
    DateTimeOffset ChangedAt,
    bool IsSetAside,
    bool IsOpen,
    StoreFault? Fault
);
