using System.Collections.Immutable;

namespace Hatchery.Devices;

/// <summary>The farm view as it was at one place of the tagged journal; a file beside the server that only saves time.</summary>
/// <param name="Sequences">The highest sequence number applied, by persistence id.</param>
/// <param name="Policy">Null in a file of a server that knew none.</param>
public sealed record FarmCheckpoint(
    long Offset,
    ImmutableArray<DeviceState> Devices,
    ImmutableArray<VDiskState> VDisks,
    ImmutableDictionary<string, long> Sequences,
    PolicyState? Policy = null
);
