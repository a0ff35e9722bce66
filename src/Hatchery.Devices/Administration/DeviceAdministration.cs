using System.Collections.Immutable;
using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>What operators do to devices. Each call may be repeated; when it returns, the farm view shows what it did.</summary>
public sealed class DeviceAdministration(Farm farm)
{
    /// <summary>Claims the name and the addresses, then tells the keeper; the same device again is no error.</summary>
    public async Task<Reply> AddAsync(
        string name,
        ImmutableArray<MacAddress> macs,
        Guid? uuid = null,
        CollectionId? collection = null
    )
    {
        if (!EntityName.IsValid(name))
            return new Reply.Refused(Refusal.Invalid, $"'{name}' is no device name: {EntityName.Rule}");
        var wanted = farm.Services.NewGuid().ToString("N");
        var owner = await farm.Claims.ClaimAsync(ClaimKind.DeviceName, name, wanted);
        var claimed = new List<MacAddress>();
        foreach (var mac in macs)
        {
            var macOwner = await farm.Claims.ClaimAsync(ClaimKind.DeviceMac, mac.ToString(), owner);
            if (macOwner == owner)
            {
                claimed.Add(mac);
                continue;
            }
            await GiveBackAsync(name, owner, isNew: owner == wanted, claimed);
            var other = DeviceId.TryParse(macOwner, null, out var id)
                ? farm.View.Current.Device(id)?.Name ?? macOwner
                : macOwner;
            return new Reply.Refused(Refusal.Conflict, $"{mac} belongs to device {other}");
        }
        var device = DeviceId.Parse(owner);
        var reply = await AskAsync(new AddDevice(device, name, macs, uuid, collection));
        if (reply is Reply.Refused && owner == wanted)
            await farm.Claims.ReleaseAsync(owner);
        return reply;
    }

    public Task<Reply> AssignAsync(DeviceId device, Assignment a) =>
        AskAsync(
            new AssignVDisk(
                device,
                a.VDisk,
                a.Transport,
                a.Mode,
                a.KeepFor,
                a.OldVersionUntil,
                a.Cache,
                a.CacheRamBytes
            )
        );

    public Task<Reply> UnassignAsync(DeviceId device) => AskAsync(new UnassignVDisk(device));

    /// <summary>Into another collection, with whose personality data its own has to be within bounds.</summary>
    public async Task<Reply> MoveAsync(DeviceId device, CollectionId collection)
    {
        var now = farm.View.Current;
        return
            now.Device(device) is { } moved
            && now.Policy.Collection(collection) is { } into
            && moved.PersonalityIn(into).Fault is { } fault
            ? new Reply.Refused(Refusal.Invalid, $"{moved.Name} in {into.Name}: {fault}")
            : await AskAsync(new MoveDevice(device, collection));
    }

    public Task<Reply> PlaceAsync(DeviceId device, string server) => AskAsync(new PlaceDevice(device, server));

    public Task<Reply> ChangeAsync(DeviceId device, MachineSettingsChange change) =>
        AskAsync(new ChangeDeviceSettings(device, change));

    /// <summary>
    /// Adds a machine that nobody announced. The claim on its address makes it one device, whichever servers are asked at once
    /// and however often; one that was begun and not finished is finished.
    /// </summary>
    public async Task<Reply> AddUnknownAsync(MacAddress mac, Guid? uuid, Collection collection, string rule)
    {
        var wanted = farm.Services.NewGuid().ToString("N");
        var owner = await farm.Claims.ClaimAsync(ClaimKind.DeviceMac, mac.ToString(), wanted);
        var device = DeviceId.Parse(owner);
        if (farm.View.Current.Device(device) is not null)
            return new Reply.Done(PersistenceIds.Of(device), 1);
        var name =
            await farm.Claims.ValueOfAsync(ClaimKind.DeviceName, owner) ?? await ClaimNameAsync(owner, mac, collection);
        if (name is null)
        {
            await farm.Claims.ReleaseAsync(wanted);
            return new Reply.Refused(
                Refusal.Conflict,
                $"no name is free by the template '{collection.NameTemplate}' of collection {collection.Name}"
            );
        }
        var reply = await AskAsync(new AddDevice(device, name, [mac], uuid, collection.Id, rule));
        if (reply is not Reply.Refused { Refusal: Refusal.Conflict })
            return reply;
        // Another server was faster, and may have thought of another name.
        await farm
            .View.ReachedAsync(PersistenceIds.Of(device), 1)
            .WaitAsync(farm.Services.AskTimeout, farm.Services.Time);
        if (farm.View.Current.Device(device) is not { } there)
        {
            // It was removed, and its claims were not: nobody has them.
            await farm.Claims.ReleaseAsync(owner);
            return reply;
        }
        if (!string.Equals(there.Name, name, StringComparison.Ordinal))
            await farm.Claims.ReleaseAsync(ClaimKind.DeviceName, name, owner);
        return new Reply.Done(PersistenceIds.Of(device), 1);
    }

    public async Task<Reply> RemoveAsync(DeviceState device, bool force)
    {
        // What it wrote could not be found without it.
        if (farm.View.Current.WhyBound(device) is { } bound)
            return new Reply.Refused(Refusal.Conflict, $"{device.Name}: {bound}");
        var reply = await AskAsync(new RemoveDevice(device.Id, force));
        if (reply is Reply.Refused)
            return reply;
        // Also what a boot took that was never granted.
        foreach (var vDisk in farm.View.Current.VDisks.Where(v => v.Users.ContainsKey(device.Id)))
            await farm.VDisks.Ask<Reply>(new ReleaseVersion(vDisk.Id, device.Id), farm.Services.AskTimeout);
        await farm.Services.Sessions.RemoveAsync(device.Id);
        await farm.Claims.ReleaseAsync(device.Id.ToString());
        return reply;
    }

    private async Task<string?> ClaimNameAsync(string owner, MacAddress mac, Collection collection)
    {
        foreach (var name in DeviceNaming.Free(farm.View.Current, collection, mac))
        {
            if (await farm.Claims.ClaimAsync(ClaimKind.DeviceName, name, owner) == owner)
                return name;
        }
        return null;
    }

    private async Task GiveBackAsync(string name, string owner, bool isNew, List<MacAddress> claimed)
    {
        // What an existing device already had stays its own.
        var had = DeviceId.TryParse(owner, null, out var id) ? farm.View.Current.Device(id)?.Macs ?? [] : [];
        foreach (var mac in claimed.Except(had))
            await farm.Claims.ReleaseAsync(ClaimKind.DeviceMac, mac.ToString(), owner);
        if (isNew)
            await farm.Claims.ReleaseAsync(ClaimKind.DeviceName, name, owner);
    }

    private Task<Reply> AskAsync(IDeviceCommand command) => farm.AskAsync(farm.Devices, command);
}
