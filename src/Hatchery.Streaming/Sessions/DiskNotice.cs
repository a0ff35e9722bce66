using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>A session's disk is nearly full, full, or has room again; or it is over.</summary>
/// <param name="Fault">What was found wrong with it: its connections are ended.</param>
public sealed record DiskNotice(DeviceId Device, Epoch Epoch, CacheLevel Level, StoreFault? Fault)
    : IDeviceSessionMessage;
