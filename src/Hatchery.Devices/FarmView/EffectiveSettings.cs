using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices;

/// <summary>What holds for a device: its own, or else its collection's.</summary>
public static class EffectiveSettings
{
    /// <summary>The device's collection; the default one where it is in none, or in one that was removed.</summary>
    public static Collection CollectionOf(this FarmSnapshot farm, DeviceState device) =>
        farm.Policy.Collection(device.Collection) ?? farm.Policy.Collection(default(CollectionId))!;

    /// <summary>The name of the site at which the device stands.</summary>
    public static string SiteOf(this FarmSnapshot farm, DeviceState device) =>
        farm.Policy.Site(farm.CollectionOf(device).Site)?.Name ?? ServerStatus.DefaultSite;

    public static Assignment? AssignmentOf(this FarmSnapshot farm, DeviceState device) =>
        device.Assignment ?? farm.CollectionOf(device).Assignment;

    /// <summary>The least finished versions that the device boots.</summary>
    public static VersionAccess AccessOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.Access ?? farm.CollectionOf(device).Settings.Access ?? VersionAccess.Production;

    /// <summary>What the device boots when it boots now; null: it has no vDisk, or that has no version for it.</summary>
    public static NextBoot? NextBootOf(this FarmSnapshot farm, DeviceState device) =>
        farm.AssignmentOf(device) is { } assignment
        && farm.VDisk(assignment.VDisk) is { } vDisk
        && vDisk.VersionFor(farm.AccessOf(device), farm.CollectionOf(device).Id) is { } version
            ? new(assignment, vDisk, version)
            : null;

    public static string? KernelArgumentsOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.KernelArguments ?? farm.CollectionOf(device).Settings.KernelArguments;

    /// <summary>In bytes; 0: no limit; null where neither sets one, which leaves it to the server.</summary>
    public static long? WriteCacheLimitOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.WriteCacheLimitBytes ?? farm.CollectionOf(device).Settings.WriteCacheLimitBytes;

    public static DhcpOptions OptionsOf(this FarmSnapshot farm, DeviceState device) =>
        farm.CollectionOf(device).Settings.Options.Under(device.Own.Options);
}

public sealed record NextBoot(Assignment Assignment, VDiskState VDisk, VDiskVersion Version);
