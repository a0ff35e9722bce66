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

    public Task<Reply> AddAsync(AddVDisk command) => farm.AskAsync(farm.VDisks, command);

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
        var reply = await farm.AskAsync(farm.VDisks, new RemoveVDisk(vDisk.Id));
        if (reply is Reply.Done)
            await farm.Claims.ReleaseAsync(vDisk.Id.ToString());
        return reply;
    }
}
