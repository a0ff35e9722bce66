using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>One state of a vDisk; the highest number is in production.</summary>
public sealed record VDiskVersion(
    int Number,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    DateTimeOffset AddedAt
);

/// <param name="Users">Which device's current boot runs from which version.</param>
public sealed record VDiskState(
    VDiskId Id,
    string Name,
    ImmutableArray<VDiskVersion> Versions,
    ImmutableDictionary<DeviceId, int> Users,
    bool IsKnown
) : IFarmState<VDiskState, IVDiskEvent>
{
    public static VDiskState Unknown(VDiskId id) => new(id, "", [], ImmutableDictionary<DeviceId, int>.Empty, false);

    [JsonIgnore]
    public VDiskVersion? Production => Versions.IsDefaultOrEmpty ? null : Versions[^1];

    public VDiskState Apply(IVDiskEvent happened) =>
        happened switch
        {
            VDiskCreated e => this with { Name = e.Name, IsKnown = true },
            VersionAdded e => this with
            {
                Versions = Versions.Add(
                    new(e.Number, e.Image, e.SizeBytes, e.Sha256, e.HasKernel, e.KernelArguments, e.At)
                ),
            },
            VersionTaken e => this with { Users = Users.SetItem(e.Device, e.Number) },
            VersionReleased e => this with { Users = Users.Remove(e.Device) },
            VDiskRemoved => this with { IsKnown = false, Versions = [] },
            _ => this,
        };
}
