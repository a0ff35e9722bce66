using System.Collections.Immutable;

namespace Hatchery.Devices;

/// <summary>The farm view as it was at one place of the tagged journal; a file beside the server that only saves time.</summary>
/// <param name="Sequences">The highest sequence number applied, by persistence id.</param>
/// <param name="Policy">Null in a file of a server that knew none.</param>
/// <param name="Ahead">Of vDisks, what the journal's reader had not come to; null in a file of a server that did not tell it apart.</param>
public sealed record FarmCheckpoint(
    long Offset,
    ImmutableArray<DeviceState> Devices,
    ImmutableArray<VDiskState> VDisks,
    ImmutableDictionary<string, long> Sequences,
    PolicyState? Policy = null,
    ImmutableDictionary<string, long>? Ahead = null
);
