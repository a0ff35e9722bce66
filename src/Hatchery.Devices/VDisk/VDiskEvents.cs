using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What happened to a vDisk; see <see cref="IDeviceEvent"/> for how events may change.</summary>
public interface IVDiskEvent;

public sealed record VDiskCreated(string Name, DateTimeOffset At) : IVDiskEvent;

/// <param name="KernelArguments">Added to the kernel's command line; null without a kernel beside the image.</param>
public sealed record VersionAdded(
    int Number,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    DateTimeOffset At
) : IVDiskEvent;

public sealed record VersionTaken(DeviceId Device, int Number) : IVDiskEvent;

public sealed record VersionReleased(DeviceId Device) : IVDiskEvent;

public sealed record VDiskRemoved(DateTimeOffset At) : IVDiskEvent;
