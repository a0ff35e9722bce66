using System.Text;
using Hatchery.Disks;
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

    /// <summary>Firmware attaches the disk, and its sectors have 4096 bytes: UEFI boots those, BIOS does not.</summary>
    public static bool NeedsUefi(this FarmSnapshot farm, Assignment assignment) =>
        assignment.Transport == BootTransport.San && farm.VDisk(assignment.VDisk) is { SectorBytes: not null };

    /// <summary>The least finished versions that the device boots.</summary>
    public static VersionAccess AccessOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.Access ?? farm.CollectionOf(device).Settings.Access ?? VersionAccess.Production;

    /// <summary>What the device boots when it boots now; null: it has no vDisk, or that has no version for it.</summary>
    public static NextBoot? NextBootOf(this FarmSnapshot farm, DeviceState device, DateTimeOffset now)
    {
        if (farm.AssignmentOf(device) is not { } assignment || farm.VDisk(assignment.VDisk) is not { } vDisk)
            return null;
        if (
            vDisk.Open is { } open
            && assignment.Mode != DiskMode.Private
            && farm.AccessOf(device) == VersionAccess.Maintenance
            && vDisk.Version(open.Parent) is { } parent
        )
            return new(assignment, vDisk, parent, KeptCache.OfOpen(device, vDisk, open)) { Writes = open.Number };
        if (farm.VersionOf(device, assignment, vDisk) is not { } version)
            return null;
        var kept = KeptCache.Of(device, assignment, vDisk, version, now);
        return new(assignment, vDisk, kept is { WhyClean: null, Version: { } old } ? old : version, kept);
    }

    /// <summary>What the device boots by a script that was made before now; null: what that was made for it may not boot any more.</summary>
    public static NextBoot? NextBootOf(
        this FarmSnapshot farm,
        DeviceState device,
        DateTimeOffset now,
        ScriptMark script
    )
    {
        if (farm.NextBootOf(device, now) is not { } next || !script.AllowsCache(next.HasOwnCache))
            return null;
        var (assignment, vDisk, _, _) = next;
        if (script.Allows(vDisk.Id, next.Version.Image, next.Writes))
            return next;
        if (farm.VersionOf(device, assignment, vDisk, script) is not { } version)
            return null;
        var kept = KeptCache.Of(device, assignment, vDisk, version, now);
        return kept is { WhyClean: null } && kept.Version != version ? null : new(assignment, vDisk, version, kept);
    }

    /// <summary>What a clean boot of the device has.</summary>
    private static VDiskVersion? VersionOf(
        this FarmSnapshot farm,
        DeviceState device,
        Assignment assignment,
        VDiskState vDisk,
        ScriptMark script = default
    ) =>
        vDisk.VersionOf(
            script,
            farm.AccessOf(device),
            farm.CollectionOf(device).Id,
            assignment.Mode == DiskMode.Private ? null : device.Id
        );

    /// <summary>Of these devices those that are to be told that their kept write cache is of a version that was replaced, and what becomes of it.</summary>
    public static IEnumerable<(DeviceState Device, string Detail)> KeptOnReplaced(
        this FarmSnapshot farm,
        IEnumerable<DeviceState> devices,
        VDiskState vDisk,
        DateTimeOffset now
    )
    {
        foreach (var device in devices)
            if (
                device.Boot is { Mode: DiskMode.Differencing } boot
                && boot.VDisk == vDisk.Id
                && farm.NextBootOf(device, now) is { Kept: { } kept } next
                && farm.VersionOf(device, next.Assignment, vDisk) is { } replacing
                && replacing.Number != boot.Version
            )
                yield return (
                    device,
                    $"version {replacing.Number} of {vDisk.Name} has replaced version {boot.Version}, "
                        + (
                            kept.WhyClean is null
                                ? $"which its write cache stays on until {kept.Until:yyyy-MM-dd HH:mm}"
                                : "and its next boot starts clean"
                        )
                );
    }

    /// <summary>Why a device may boot nothing else than it did: what it wrote is of a version that is not there yet. Null: it may.</summary>
    public static string? WhyBound(this FarmSnapshot farm, DeviceState device) =>
        device.Boot is not { } boot || farm.VDisk(boot.VDisk) is not { } vDisk ? null
        : vDisk.Making is { } making && making.Writer == device.Id && vDisk.Version(making.Number) is null
            ? $"what it wrote is being made version {making.Number} of {vDisk.Name}"
        : boot.Writes is { } writes && !vDisk.IsOver(writes)
            ? $"it writes version {writes} of {vDisk.Name}: promote, close or delete that first"
        : null;

    /// <summary>The device is off, and what it wrote of a version in maintenance has become a layer, or was given up.</summary>
    public static bool IsCacheOver(this FarmSnapshot farm, DeviceState device) =>
        device is { Phase: DevicePhase.Off, Boot: { Writes: { } writes } boot }
        && farm.VDisk(boot.VDisk)?.IsOver(writes) != false;

    public static string? KernelArgumentsOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.KernelArguments ?? farm.CollectionOf(device).Settings.KernelArguments;

    /// <summary>In bytes; 0: no limit; null where neither sets one, which leaves it to the server.</summary>
    public static long? WriteCacheLimitOf(this FarmSnapshot farm, DeviceState device) =>
        device.Own.WriteCacheLimitBytes ?? farm.CollectionOf(device).Settings.WriteCacheLimitBytes;

    /// <summary>What the machine is told about itself.</summary>
    public static PersonalityStrings PersonalityOf(this FarmSnapshot farm, DeviceState device) =>
        device.PersonalityIn(farm.CollectionOf(device));

    /// <summary>What the machine would be told in that collection.</summary>
    public static PersonalityStrings PersonalityIn(this DeviceState device, Collection collection) =>
        (collection.Settings.Personality ?? PersonalityStrings.None).Under(
            device.Own.Personality ?? PersonalityStrings.None
        );

    /// <summary>The machine's host name: what DHCP says it is (option 12), where that is one, or else the device's name.</summary>
    public static string HostNameOf(this FarmSnapshot farm, DeviceState device)
    {
        var given = Encoding.Latin1.GetString(farm.OptionsOf(device)[DhcpOptionCode.HostName]);
        return HostName.IsValid(given) ? given : device.Name;
    }

    public static DhcpOptions OptionsOf(this FarmSnapshot farm, DeviceState device) =>
        farm.CollectionOf(device).Settings.Options.Under(device.Own.Options);
}

/// <param name="Kept">The write cache that the boot before has left; null: none.</param>
public sealed record NextBoot(Assignment Assignment, VDiskState VDisk, VDiskVersion Version, KeptCache? Kept)
{
    /// <summary>The version in maintenance that it writes, on top of <see cref="Version"/>; null: none.</summary>
    public int? Writes { get; init; }

    /// <summary>The machine is told to have its write cache itself.</summary>
    public bool HasOwnCache => Assignment.Cache != CachePlace.Server && Writes is null;

    /// <summary>What a script of it is marked with. One that loads no kernel is as good for any version.</summary>
    public ScriptMark Mark =>
        Assignment.Transport == BootTransport.San
            ? default
            : ScriptMark.Of(VDisk.Id, Version.Image, Writes, HasOwnCache);
}
