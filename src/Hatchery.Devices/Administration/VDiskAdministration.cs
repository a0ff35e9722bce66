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

    public async Task<Reply> RemoveAsync(VDiskState vDisk)
    {
        var assigned = farm
            .View.Current.Devices.Where(d => d.Assignment?.VDisk == vDisk.Id)
            .Select(d => d.Name)
            .ToArray();
        if (assigned.Length > 0)
            return new Reply.Refused(Refusal.Conflict, $"{vDisk.Name} is assigned to {string.Join(", ", assigned)}");
        var collections = farm
            .View.Current.Policy.Collections.Where(c => c.Assignment?.VDisk == vDisk.Id)
            .Select(c => c.Name)
            .ToArray();
        if (collections.Length > 0)
            return new Reply.Refused(
                Refusal.Conflict,
                $"{vDisk.Name} is what collection {string.Join(", ", collections)} boots"
            );
        await LetGoAsync(vDisk, null);
        var reply = await AskAsync(new RemoveVDisk(vDisk.Id));
        if (reply is Reply.Done)
            await farm.Claims.ReleaseAsync(vDisk.Id.ToString());
        return reply;
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
