namespace Hatchery.Disks;

/// <summary>Whose write cache it is.</summary>
/// <param name="Layer">The cache's own id; also its folder's name.</param>
/// <param name="Parent">The layer that it lies on.</param>
/// <param name="DiskLengthBytes">A multiple of 512.</param>
public sealed record CacheIdentity(
    FarmId Farm,
    DeviceId Device,
    BootId Boot,
    LayerId Layer,
    LayerId Parent,
    long DiskLengthBytes
);
