using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>One step of a device's boot: telemetry, which may be lost, and which never holds anything up.</summary>
/// <param name="Step">One of <see cref="BootSteps"/>.</param>
/// <param name="Detail">What was handed out or why, at most 255 characters.</param>
public sealed record TimelineStep(DeviceId Device, DateTimeOffset At, string Step, string Server, string Detail);
