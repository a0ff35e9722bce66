namespace Hatchery.Devices;

/// <summary>What operators do to sites, collections and rules for unknown machines; see <see cref="DeviceAdministration"/>.</summary>
public sealed class PolicyAdministration(Farm farm)
{
    public Task<Reply> CreateSiteAsync(string name) => AskAsync(new CreateSite(new(farm.Services.NewGuid()), name));

    public Task<Reply> CreateCollectionAsync(string name, SiteId site, CollectionChange change) =>
        AskAsync(new CreateCollection(new(farm.Services.NewGuid()), name, site, change));

    /// <summary>Refused while a device is in it, or a rule adds machines to it. A device that another server puts into it at the
    /// same moment is in the default collection afterwards.</summary>
    public async Task<Reply> RemoveCollectionAsync(Collection collection)
    {
        var names = farm.View.Current.Devices.Where(d => d.Collection == collection.Id).Select(d => d.Name).ToArray();
        if (names.Length == 0 || collection.IsDefault)
        {
            var reply = await AskAsync(new RemoveCollection(collection.Id));
            if (reply is Reply.Done)
                foreach (var vDisk in farm.View.Current.VDisks.Where(v => v.Pinned.ContainsKey(collection.Id)))
                    await farm.AskAsync(farm.VDisks, new PinCollection(vDisk.Id, collection.Id, null));
            return reply;
        }
        return new Reply.Refused(
            Refusal.Conflict,
            $"{collection.Name} has {names.Length} device(s): {ShortList.Of(names)}"
        );
    }

    public Task<Reply> AskAsync(IPolicyCommand command) => farm.AskAsync(farm.Policy, command);
}
