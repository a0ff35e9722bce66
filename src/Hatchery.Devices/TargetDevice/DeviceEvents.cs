using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>What happened to a device. Every event ever written stays readable: fields are added with defaults, never renamed.</summary>
public interface IDeviceEvent;

/// <param name="Rule">The rule for unknown machines that added it; null: an operator did.</param>
public sealed record DeviceAdded(
    string Name,
    ImmutableArray<MacAddress> Macs,
    Guid? Uuid,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CollectionId Collection = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Rule = null
) : IDeviceEvent;

public sealed record DeviceMoved(CollectionId Collection, DateTimeOffset At) : IDeviceEvent;

public sealed record DeviceSettingsChanged(MachineSettingsChange Change, DateTimeOffset At) : IDeviceEvent;

/// <summary>It goes to that server if it can, while it runs or at its next boot. Going there ends this, and so does a boot, wherever it goes.</summary>
public sealed record DevicePlaced(string Server, DateTimeOffset At) : IDeviceEvent;

/// <summary>See <see cref="Assignment"/>.</summary>
public sealed record VDiskAssigned(
    VDiskId VDisk,
    BootTransport Transport,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DiskMode Mode = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TimeSpan? KeepFor = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? OldVersionUntil = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CachePlace Cache = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CacheRamBytes = null
) : IDeviceEvent;

public sealed record VDiskUnassigned(DateTimeOffset At) : IDeviceEvent;

/// <summary>
/// A first login with a new nonce, or the next one when none had its disk yet: a write cache on this version of the vDisk, clean unless one was kept.
/// </summary>
/// <param name="CacheFrom">When the write cache was made that was kept; null: it is a clean one.</param>
/// <param name="Chain">What lies below the write cache; default: the image alone.</param>
/// <param name="Writes">The version in maintenance that it writes, on top of <paramref name="Version"/>; null: none.</param>
public sealed record BootStarted(
    BootId Boot,
    VDiskId VDisk,
    int Version,
    LayerId Image,
    LayerId Cache,
    Epoch Epoch,
    string Server,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DiskMode Mode = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? CacheFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<LayerId> Chain = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Writes = null
) : IDeviceEvent;

/// <summary>The same boot goes on in a new session, at this or another server.</summary>
/// <param name="IsOff">The machine is off as before: a server opened what it keeps, for the sake of the copies or to seal it.</param>
public sealed record SessionReopened(
    Epoch Epoch,
    string Server,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsOff = false
) : IDeviceEvent;

public sealed record PhaseChanged(DevicePhase Phase, DateTimeOffset At) : IDeviceEvent;

public sealed record DeviceRemoved(DateTimeOffset At) : IDeviceEvent;
