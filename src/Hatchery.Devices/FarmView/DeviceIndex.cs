using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>Devices by id, address and name, and how many are in each collection; immutable, and changed in time that hardly depends on
/// how many there are: every event of a farm makes a new one, and every DHCP message asks it.</summary>
internal sealed record DeviceIndex(
    ImmutableDictionary<DeviceId, DeviceState> ById,
    ImmutableDictionary<MacAddress, DeviceId> ByMac,
    ImmutableDictionary<string, DeviceId> ByName,
    ImmutableDictionary<CollectionId, int> Counts
)
{
    public static DeviceIndex Empty { get; } =
        new(
            ImmutableDictionary<DeviceId, DeviceState>.Empty,
            ImmutableDictionary<MacAddress, DeviceId>.Empty,
            ImmutableDictionary.Create<string, DeviceId>(StringComparer.Ordinal),
            ImmutableDictionary<CollectionId, int>.Empty
        );

    public static DeviceIndex Of(IEnumerable<DeviceState> devices) =>
        devices.Aggregate(Empty, (index, device) => index.With(device));

    public DeviceIndex With(DeviceState device)
    {
        var before = ById.GetValueOrDefault(device.Id);
        var index = this with { ById = ById.SetItem(device.Id, device) };
        return
            before is not null
            && (before.IsKnown, before.Name, before.Collection) == (device.IsKnown, device.Name, device.Collection)
            && before.Macs == device.Macs
            ? index
            : index.Without(before).Naming(device);
    }

    private DeviceIndex Without(DeviceState? device) =>
        device is not { IsKnown: true }
            ? this
            : this with
            {
                ByMac = ByMac.RemoveRange(device.Macs.Where(mac => ByMac.GetValueOrDefault(mac) == device.Id)),
                ByName = ByName.GetValueOrDefault(device.Name) == device.Id ? ByName.Remove(device.Name) : ByName,
                Counts = Counts.SetItem(device.Collection, Counts.GetValueOrDefault(device.Collection) - 1),
            };

    private DeviceIndex Naming(DeviceState device) =>
        !device.IsKnown
            ? this
            : this with
            {
                ByMac = ByMac.SetItems(device.Macs.Select(mac => KeyValuePair.Create(mac, device.Id))),
                ByName = ByName.SetItem(device.Name, device.Id),
                Counts = Counts.SetItem(device.Collection, Counts.GetValueOrDefault(device.Collection) + 1),
            };
}
