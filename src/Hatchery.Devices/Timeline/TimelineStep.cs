using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>One step of a device's boot: telemetry, which may be lost, and which never holds anything up.</summary>
/// <param name="Step">discovered, offered, bootstrap-sent, script-sent, session-open, running, lost, off.</param>
/// <param name="Detail">What was handed out or why, at most 255 characters.</param>
public sealed record TimelineStep(DeviceId Device, DateTimeOffset At, string Step, string Server, string Detail);
