using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What the farm's policy decides, without its actor: pure functions of state and command.</summary>
public static class PolicyRules
{
    private const int SitesMax = 1000;
    private const int CollectionsMax = 1000;
    private const int RulesMax = 256;
    private const int DrainingMax = 256;
    private const int TextMax = 200;

    /// <summary>Personality data of all collections, which are one entity's state.</summary>
    private const int PersonalityBytesMax = 1 << 20;

    public static Decision<IPolicyEvent> Decide(PolicyState state, IPolicyCommand command, DateTimeOffset now) =>
        command switch
        {
            CreateSite c => Create(state, c, now),
            ChangeSite c => state.Site(c.Site) is { } site ? Change(state, site, c, now) : NoSite(c.Site),
            RemoveSite c => state.Site(c.Site) is { } site ? Remove(state, site, now) : NoSite(c.Site),
            CreateCollection c => Create(state, c, now),
            ChangeCollection c => state.Collection(c.Collection) is { } collection
                ? Change(state, collection, c.Change, now)
                : NoCollection(c.Collection),
            RemoveCollection c => state.Collection(c.Collection) is { } collection
                ? Remove(state, collection, now)
                : NoCollection(c.Collection),
            AddUnknownRule c => Add(state, c, now),
            MoveUnknownRule c => Move(state, c, now),
            RemoveUnknownRule c => state.Rule(c.Name) is null
                ? No(Refusal.NotFound, $"no rule {c.Name}")
                : Of(new UnknownRuleRemoved(c.Name, now)),
            DrainServer c => Drain(state, c.Server, now),
            ResumeServer c => state.IsDraining(c.Server)
                ? Of(new ServerResumed(c.Server, now))
                : Decision<IPolicyEvent>.Nothing,
            _ => throw new ArgumentException($"{command.GetType().Name} is not decided here", nameof(command)),
        };

    private static Decision<IPolicyEvent> Drain(PolicyState state, string server, DateTimeOffset now) =>
        !EntityName.IsValid(server) ? No(Refusal.Invalid, $"'{server}' is no server name: {EntityName.Rule}")
        : state.IsDraining(server) ? Decision<IPolicyEvent>.Nothing
        : !state.Draining.IsDefault && state.Draining.Length >= DrainingMax
            ? No(Refusal.Conflict, $"{DrainingMax} servers are draining already")
        : Of(new ServerDrained(server, now));

    private static Decision<IPolicyEvent> Create(PolicyState state, CreateSite c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no site name: {EntityName.Rule}");
        if (state.Site(c.Name) is not null)
            return Decision<IPolicyEvent>.Nothing;
        return state.Sites.Length >= SitesMax
            ? No(Refusal.Conflict, $"there are {SitesMax} sites already")
            : Of(new SiteCreated(c.Site, c.Name, now));
    }

    private static Decision<IPolicyEvent> Change(PolicyState state, Site site, ChangeSite c, DateTimeOffset now)
    {
        if (c.Name is { } name && !string.Equals(name, site.Name, StringComparison.Ordinal))
        {
            if (!EntityName.IsValid(name))
                return No(Refusal.Invalid, $"'{name}' is no site name: {EntityName.Rule}");
            if (state.Site(name) is not null)
                return No(Refusal.Conflict, $"site {name} is there already");
        }
        if (c.Description is { Length: > TextMax })
            return No(Refusal.Invalid, $"a description has at most {TextMax} characters");
        return (c.Name ?? site.Name, c.Description ?? site.Description) == (site.Name, site.Description)
            ? Decision<IPolicyEvent>.Nothing
            : Of(new SiteChanged(site.Id, c.Name, c.Description, now));
    }

    private static Decision<IPolicyEvent> Remove(PolicyState state, Site site, DateTimeOffset now)
    {
        if (site.IsDefault)
            return No(Refusal.Conflict, $"site {site.Name} is always there");
        var there = state.Collections.Where(c => c.Site == site.Id).Select(c => c.Name).ToArray();
        return there.Length > 0
            ? No(Refusal.Conflict, $"site {site.Name} has collections: {string.Join(", ", there)}")
            : Of(new SiteRemoved(site.Id, now));
    }

    private static Decision<IPolicyEvent> Create(PolicyState state, CreateCollection c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no collection name: {EntityName.Rule}");
        if (state.Site(c.Site) is null)
            return NoSite(c.Site);
        var bare = Collection.New(c.Collection, c.Name, c.Site);
        if (WhyNot(state, bare, c.Change) is { } refused)
            return Decision<IPolicyEvent>.No(refused.Refusal, refused.Reason);
        var made = bare.Apply(c.Change);
        if (state.Collection(c.Name) is { } there)
            return there with { Id = made.Id } == made
                ? Decision<IPolicyEvent>.Nothing
                : No(Refusal.Conflict, $"collection {c.Name} is there already, with other settings");
        if (state.Collections.Length >= CollectionsMax)
            return No(Refusal.Conflict, $"there are {CollectionsMax} collections already");
        var created = new CollectionCreated(c.Collection, c.Name, c.Site, now);
        return made == bare ? Of(created) : Of(created, new CollectionChanged(c.Collection, c.Change, now));
    }

    private static Decision<IPolicyEvent> Change(
        PolicyState state,
        Collection collection,
        CollectionChange change,
        DateTimeOffset now
    )
    {
        if (WhyNot(state, collection, change) is { } refused)
            return Decision<IPolicyEvent>.No(refused.Refusal, refused.Reason);
        return collection.Apply(change) == collection
            ? Decision<IPolicyEvent>.Nothing
            : Of(new CollectionChanged(collection.Id, change, now));
    }

    private static Reply.Refused? WhyNot(PolicyState state, Collection before, CollectionChange change)
    {
        var after = before.Apply(change);
        if (!EntityName.IsValid(after.Name))
            return new(Refusal.Invalid, $"'{after.Name}' is no collection name: {EntityName.Rule}");
        if (change.Name is not null && state.Collection(after.Name) is { } other && other.Id != before.Id)
            return new(Refusal.Conflict, $"collection {after.Name} is there already");
        if (state.Site(after.Site) is null)
            return new(Refusal.NotFound, $"no site {after.Site}");
        if (!DeviceNaming.IsTemplate(after.NameTemplate, after.Name))
            return new(Refusal.Invalid, $"'{after.NameTemplate}' names no devices: it has to be {DeviceNaming.Rule}");
        if (after.DevicesMax is < 0 or > 1_000_000)
            return new(Refusal.Invalid, "a collection takes in 0 to 1000000 devices");
        if (change.Settings?.Access == VersionAccess.Maintenance)
            return new(Refusal.Invalid, "a version in maintenance is for single devices, not for a collection");
        if (after.Assignment?.Fault is { } fault)
            return new(Refusal.Invalid, fault);
        if (after.Assignment?.Mode == DiskMode.Private)
            return new(Refusal.Invalid, "a private image is for one device, not for a collection");
        if (MachineSettings.WhyNot(change.Settings, before.Settings) is { } wrong)
            return new(Refusal.Invalid, wrong);
        return
            change.Settings?.Personality is not null
            && state
                .Collections.Where(c => c.Id != before.Id)
                .Append(after)
                .Sum(c => c.Settings.Personality?.Bytes ?? 0) > PersonalityBytesMax
            ? new(
                Refusal.Conflict,
                $"all collections together have at most {PersonalityBytesMax} bytes of personality data"
            )
            : null;
    }

    private static Decision<IPolicyEvent> Remove(PolicyState state, Collection collection, DateTimeOffset now)
    {
        if (collection.IsDefault)
            return No(Refusal.Conflict, $"collection {collection.Name} is always there");
        var rules = state.Rules.Where(r => r.Collection == collection.Id).Select(r => r.Name).ToArray();
        return rules.Length > 0
            ? No(Refusal.Conflict, $"unknown machines come into {collection.Name} by rule {string.Join(", ", rules)}")
            : Of(new CollectionRemoved(collection.Id, now));
    }

    private static Decision<IPolicyEvent> Add(PolicyState state, AddUnknownRule c, DateTimeOffset now)
    {
        var rule = c.Rule;
        if (!EntityName.IsValid(rule.Name))
            return No(Refusal.Invalid, $"'{rule.Name}' is no rule name: {EntityName.Rule}");
        if (rule.Collection is null == rule.Reason is null)
            return No(Refusal.Invalid, "a rule either refuses machines with a reason or adds them to a collection");
        if (rule.Reason is { Length: 0 or > TextMax })
            return No(Refusal.Invalid, $"a reason has 1 to {TextMax} characters");
        if (rule.Collection is { } collection && state.Collection(collection) is null)
            return NoCollection(collection);
        if (c.Before is { } before && state.Rule(before) is null)
            return No(Refusal.NotFound, $"no rule {before}");
        if (state.Rule(rule.Name) is { } there)
            return there == rule
                ? Decision<IPolicyEvent>.Nothing
                : No(Refusal.Conflict, $"rule {rule.Name} is there already, with other words");
        return state.Rules.Length >= RulesMax
            ? No(Refusal.Conflict, $"there are {RulesMax} rules already")
            : Of(new UnknownRuleAdded(rule, c.Before, now));
    }

    private static Decision<IPolicyEvent> Move(PolicyState state, MoveUnknownRule c, DateTimeOffset now)
    {
        if (state.Rule(c.Name) is null)
            return No(Refusal.NotFound, $"no rule {c.Name}");
        if (c.Before is { } before && state.Rule(before) is null)
            return No(Refusal.NotFound, $"no rule {before}");
        if (string.Equals(c.Before, c.Name, StringComparison.Ordinal))
            return Decision<IPolicyEvent>.Nothing;
        var moved = new UnknownRuleMoved(c.Name, c.Before, now);
        return state.Apply(moved).Rules.SequenceEqual(state.Rules) ? Decision<IPolicyEvent>.Nothing : Of(moved);
    }

    private static Decision<IPolicyEvent> NoSite(SiteId id) => No(Refusal.NotFound, $"no site {id}");

    private static Decision<IPolicyEvent> NoCollection(CollectionId id) => No(Refusal.NotFound, $"no collection {id}");

    private static Decision<IPolicyEvent> Of(params IPolicyEvent[] happened) => Decision<IPolicyEvent>.Of(happened);

    private static Decision<IPolicyEvent> No(Refusal refusal, string reason) =>
        Decision<IPolicyEvent>.No(refusal, reason);
}
