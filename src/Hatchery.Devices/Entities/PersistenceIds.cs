using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Under which id an entity's events stand in the journal. Fixed for ever.</summary>
public static class PersistenceIds
{
    private const string DevicePrefix = "device-";
    private const string VDiskPrefix = "vdisk-";

    public const string Policy = "policy";

    public static string Of(DeviceId id) => DevicePrefix + id;

    public static string Of(VDiskId id) => VDiskPrefix + id;

    public static bool TryDevice(string persistenceId, out DeviceId id)
    {
        id = default;
        return persistenceId.StartsWith(DevicePrefix, StringComparison.Ordinal)
            && DeviceId.TryParse(persistenceId[DevicePrefix.Length..], null, out id);
    }

    public static bool TryVDisk(string persistenceId, out VDiskId id)
    {
        id = default;
        return persistenceId.StartsWith(VDiskPrefix, StringComparison.Ordinal)
            && VDiskId.TryParse(persistenceId[VDiskPrefix.Length..], null, out id);
    }
}
