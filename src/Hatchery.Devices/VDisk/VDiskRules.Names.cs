namespace Hatchery.Devices;

public static partial class VDiskRules
{
    private static Decision<IVDiskEvent> Clone(VDiskState state, CloneVDisk c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no vDisk name: {EntityName.Rule}");
        if (c.Versions.IsDefaultOrEmpty)
            return No(Refusal.Invalid, $"{c.Name} cannot be made of nothing");
        if (state.IsKnown)
            return state.Name == c.Name && state.Versions.Any(v => v.Image == c.Versions[^1].Image)
                ? Decision<IVDiskEvent>.Nothing
                : No(Refusal.Conflict, $"vDisk {state.Name} is there already");
        var image = c.Versions[0];
        var first = state.NextNumber;
        List<IVDiskEvent> happened =
        [
            new VDiskCreated(c.Name, now, c.SectorBytes),
            new VersionAdded(
                first,
                image.Image,
                image.SizeBytes,
                image.Sha256,
                image.HasKernel,
                image.KernelArguments,
                now
            ),
        ];
        for (var i = 1; i < c.Versions.Length; i++)
        {
            var (layer, number) = (c.Versions[i], first + i);
            happened.Add(
                new VersionCreated(
                    number,
                    layer.Image,
                    layer.SizeBytes,
                    layer.Sha256,
                    layer.HasKernel,
                    layer.KernelArguments,
                    Parent: number - 1,
                    c.By,
                    c.Note,
                    now
                )
            );
            happened.Add(new VersionPromoted(number, VersionAccess.Production, c.By, now));
        }
        return Of([.. happened]);
    }

    private static Decision<IVDiskEvent> Rename(VDiskState state, RenameVDisk c, DateTimeOffset now) =>
        !EntityName.IsValid(c.Name) ? No(Refusal.Invalid, $"'{c.Name}' is no vDisk name: {EntityName.Rule}")
        : state.Name == c.Name ? Decision<IVDiskEvent>.Nothing
        : Of(new VDiskRenamed(c.Name, c.By, now));
}
