using System.Globalization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What is in production has become a long chain: its layers become one by themselves.</summary>
public static class AutomaticMerge
{
    private const string By = "hatchery";

    /// <param name="layersMax">So many layers on a whole image stay as they are, where the vDisk has no number of its own; 0: any number.</param>
    /// <returns>Null: nothing is to be merged now.</returns>
    public static MakeVersion? MergeDue(this FarmSnapshot farm, VDiskState vDisk, int layersMax)
    {
        var limit = vDisk.MergeAbove ?? layersMax;
        if (
            limit == 0
            || vDisk.Production is not { } production
            || vDisk.LayersOf(production).Length - 1 <= limit
            // Whatever an operator is about goes first.
            || vDisk is not { Open: null, Making: null, Scheduled: null, Canary: null }
            || vDisk.Versions.Any(v => v.Access == VersionAccess.Maintenance)
            // A write cache that is kept is of no use on another version.
            || farm.Devices.Any(d =>
                d.Boot is { Mode: DiskMode.Differencing } boot
                && (boot.VDisk, boot.Version) == (vDisk.Id, production.Number)
            )
        )
            return null;
        var number = production.Number.ToString(CultureInfo.InvariantCulture);
        return new(vDisk.Id, production.Number, By: By, Note: $"version {number} in one layer");
    }
}
