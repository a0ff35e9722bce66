using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>The write cache that a device's last boot has left for the next one.</summary>
/// <param name="Version">What it lies on, and of no use without.</param>
/// <param name="Until">The next boot from then on starts clean; null: none does.</param>
/// <param name="WhyClean">Why the next boot starts clean all the same; null: it goes on with this write cache.</param>
public sealed record KeptCache(VDiskVersion? Version, DateTimeOffset? Until, string? WhyClean)
{
    /// <summary>What the device has written of a version that is open; nothing of that is ever thrown away by a boot.</summary>
    /// <returns>Null: it has not written it.</returns>
    public static KeptCache? OfOpen(DeviceState device, VDiskState vDisk, OpenVersion open) =>
        device.Boot is { Mode: DiskMode.Maintenance } boot && (boot.VDisk, boot.Writes) == (vDisk.Id, open.Number)
            ? new(vDisk.Version(boot.Version), Until: null, WhyClean: null)
            : null;

    /// <param name="next">What a clean boot would have.</param>
    /// <returns>Null: there is none, or the device's mode keeps none.</returns>
    public static KeptCache? Of(
        DeviceState device,
        Assignment assignment,
        VDiskState vDisk,
        VDiskVersion next,
        DateTimeOffset now
    )
    {
        if (
            assignment.Mode == DiskMode.Standard
            || device.Boot is not { } boot
            || (boot.Mode, boot.VDisk) != (assignment.Mode, assignment.VDisk)
        )
            return null;
        var version = vDisk.Version(boot.Version) is { } v && v.Image == boot.Image ? v : null;
        var until = boot.CacheMadeAt + assignment.KeepFor;
        var isReplaced = assignment.Mode == DiskMode.Differencing && next.Number != boot.Version;
        if (isReplaced && !(assignment.OldVersionUntil > until))
            until = assignment.OldVersionUntil ?? now;
        return new(
            version,
            until,
            version is null ? $"version {boot.Version} was deleted"
                : until > now || until is null ? null
                : isReplaced && !(assignment.OldVersionUntil > now)
                    ? $"version {next.Number} has replaced version {boot.Version}"
                : $"it was kept since {boot.CacheMadeAt:yyyy-MM-dd HH:mm}, which is as long as it is to be"
        );
    }
}
