using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What operators do to vDisks; see <see cref="DeviceAdministration"/>.</summary>
public sealed class VDiskAdministration(Farm farm)
{
    /// <summary>Takes the name before anything long begins; null when it is free, or was claimed by an import that never ended.</summary>
    public async Task<(VDiskId Id, Reply.Refused? Refused)> ReserveAsync(string name)
    {
        if (!EntityName.IsValid(name))
            return (default, new(Refusal.Invalid, $"'{name}' is no vDisk name: {EntityName.Rule}"));
        var owner = await farm.Claims.ClaimAsync(ClaimKind.VDiskName, name, farm.Services.NewGuid().ToString("N"));
        var id = VDiskId.Parse(owner);
        return farm.View.Current.VDisk(id) is null
            ? (id, null)
            : (id, new(Refusal.Conflict, $"vDisk {name} is there already"));
    }

    public Task<Reply> AskAsync(IVDiskCommand command) => farm.AskAsync(farm.VDisks, command);

    public async Task<Reply> DeleteVersionAsync(VDiskState vDisk, int number, string? by)
    {
        await LetGoAsync(vDisk, number);
        return await AskAsync(new DeleteVersion(vDisk.Id, number, by));
    }

    /// <summary>A new vDisk of the layers of a version. Its bytes are neither copied nor lost when either of the two is removed.</summary>
    public async Task<Reply> CloneAsync(VDiskState vDisk, VDiskVersion version, string name, string? by)
    {
        var (id, refused) = await ReserveAsync(name);
        if (refused is not null)
            return refused;
        ImmutableArray<VDiskVersion> chain =
        [
            .. vDisk.LayersOf(version).Select(layer => vDisk.Versions.First(v => v.Image == layer)),
        ];
        var note = $"of {vDisk.Name} version {version.Number}";
        var reply = await AskAsync(new CloneVDisk(id, name, chain, vDisk.SectorBytes, by, note));
        if (reply is Reply.Refused)
            return reply;
        // Whoever deletes the original's from now on finds the clone in the journal before that: it keeps the bytes.
        foreach (var layer in chain)
            if (await AskAsync(new ConfirmVersion(vDisk.Id, layer.Image)) is Reply.Refused gone)
            {
                await AskAsync(new RemoveVDisk(id));
                await farm.Claims.ReleaseAsync(id.ToString());
                return gone;
            }
        return reply;
    }

    /// <summary>Claims the new name, then tells the vDisk, then gives the old one back; the same again changes nothing.</summary>
    public async Task<Reply> RenameAsync(VDiskState vDisk, string name, string? by)
    {
        if (!EntityName.IsValid(name))
            return new Reply.Refused(Refusal.Invalid, $"'{name}' is no vDisk name: {EntityName.Rule}");
        var owner = vDisk.Id.ToString();
        if (await farm.Claims.ClaimAsync(ClaimKind.VDiskName, name, owner) is var taken && taken != owner)
        {
            var other = VDiskId.Parse(taken);
            if (farm.View.Current.VDisk(other) is not null)
                return new Reply.Refused(Refusal.Conflict, $"vDisk {name} is there already");
            // An import that never ended has it, or one that is under way: whichever is first.
            return new Reply.Refused(
                Refusal.Conflict,
                $"the name {name} was taken by an import or a vDisk that is not there yet: see pbm vdisk transfers"
            );
        }
        var reply = await AskAsync(new RenameVDisk(vDisk.Id, name, by));
        if (reply is Reply.Done && vDisk.Name != name)
            await farm.Claims.ReleaseAsync(ClaimKind.VDiskName, vDisk.Name, owner);
        return reply;
    }

    /// <summary>Refused while anybody uses it, with everybody who does.</summary>
    public async Task<Reply> RemoveAsync(VDiskState vDisk)
    {
        if (WhyUsed(vDisk, farm.View.Current) is { } used)
            return new Reply.Refused(Refusal.Conflict, used);
        await LetGoAsync(vDisk, null);
        var reply = await AskAsync(new RemoveVDisk(vDisk.Id));
        if (reply is Reply.Done)
            await farm.Claims.ReleaseAsync(vDisk.Id.ToString());
        return reply;
    }

    private static string? WhyUsed(VDiskState vDisk, FarmSnapshot view)
    {
        List<string> uses = [];
        Add("assigned to", view.Devices.Where(d => d.Assignment?.VDisk == vDisk.Id).Select(d => d.Name));
        Add(
            "what collection",
            view.Policy.Collections.Where(c => c.Assignment?.VDisk == vDisk.Id).Select(c => c.Name),
            " boots"
        );
        // One that is off, or removed, lets go.
        Add("in use by", vDisk.Users.Keys.Select(view.Device).OfType<DeviceState>().Where(IsOn).Select(d => d.Name));
        if (vDisk.Lock is { } held && held.HoldsIn(view))
            Add("the private image of", [view.Device(held.Device)!.Name]);
        return uses.Count > 0 ? $"{vDisk.Name} is {string.Join("; ", uses)}" : null;

        static bool IsOn(DeviceState device) => device.Phase != DevicePhase.Off;

        void Add(string how, IEnumerable<string> names, string ending = "")
        {
            var all = names.Order(StringComparer.Ordinal).ToArray();
            if (all.Length > 0)
                uses.Add($"{how} {ShortList.Of(all)}{ending}");
        }
    }

    /// <summary>A device that is off needs no more what it ran from.</summary>
    /// <param name="number">Null: any version.</param>
    private async Task LetGoAsync(VDiskState vDisk, int? number)
    {
        var farmView = farm.View.Current;
        foreach (var id in vDisk.Users.Where(u => number is null || u.Value == number).Select(u => u.Key))
            if (farmView.Device(id) is { Phase: DevicePhase.Off })
                await farm.AskAsync(farm.Devices, new LetGoVersion(id, vDisk.Id));
            else if (farmView.Device(id) is null)
                await AskAsync(new ReleaseVersion(vDisk.Id, id));
    }
}
