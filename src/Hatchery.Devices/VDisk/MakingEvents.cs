using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>See <see cref="OpenVersion"/>.</summary>
/// <param name="By">Who did it, as far as that is known; likewise in what follows.</param>
public sealed record MaintenanceOpened(int Number, int Parent, string? By, string? Note, DateTimeOffset At)
    : IVDiskEvent;

/// <summary>The device writes the open version, with each boot in a new epoch.</summary>
public sealed record MaintenanceTaken(DeviceId Device, Epoch Epoch, DateTimeOffset At) : IVDiskEvent;

public sealed record MakingBegun(VersionMaking Making) : IVDiskEvent;

/// <param name="Server">Null: the server that had claimed it cannot make it.</param>
public sealed record MakingClaimed(
    int Number,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Server,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LayerId Layer,
    DateTimeOffset At
) : IVDiskEvent;

/// <summary>The version is there, and what it was to be promoted to, or an operator has taken that back.</summary>
public sealed record MakingEnded(int Number, DateTimeOffset At) : IVDiskEvent;

/// <param name="Layers">Null: what the servers are configured to; 0: never.</param>
public sealed record MergeLimitSet(int? Layers, string? By, DateTimeOffset At) : IVDiskEvent;
