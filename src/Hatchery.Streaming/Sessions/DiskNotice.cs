using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>Something about the disk of one session that the session has to know.</summary>
public interface IDiskNotice : IDeviceSessionMessage
{
    Epoch Epoch { get; }
}

/// <summary>A session's disk is nearly full, full, or has room again; or it is over.</summary>
/// <param name="Fault">What was found wrong with it: its connections are ended.</param>
public sealed record DiskNotice(DeviceId Device, Epoch Epoch, CacheLevel Level, StoreFault? Fault) : IDiskNotice;

/// <summary>Something happened to the copies of a session's write cache.</summary>
public sealed record CopyNotice(DeviceId Device, Epoch Epoch, MirrorNotice Happened) : IDiskNotice;

/// <summary>Another server has the device: its connections here are ended.</summary>
public sealed record SessionOver(DeviceId Device, Epoch Epoch, string Reason) : IDiskNotice;
