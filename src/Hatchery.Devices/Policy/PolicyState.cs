using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Hatchery.Devices;

/// <summary>A place where collections of machines stand.</summary>
public sealed record Site(SiteId Id, string Name, string Description = "")
{
    public static Site Default { get; } = new(default, "default");

    [JsonIgnore]
    public bool IsDefault => Id == default;
}

/// <summary>What a running device does while no server can be reached that has its write cache.</summary>
public enum WhenUnreachable
{
    /// <summary>It waits, and loses nothing.</summary>
    Wait,

    /// <summary>After a while its logins are refused, so that it boots with a clean write cache.</summary>
    Reboot,
}

/// <summary>A group of machines at one site, and what holds for them unless a machine has its own.</summary>
/// <param name="Assignment">The vDisk that they boot; null: none.</param>
/// <param name="NameTemplate">How machines are named that rules add: <see cref="DeviceNaming"/>.</param>
/// <param name="DevicesMax">With so many devices, rules add no more; an operator may.</param>
/// <param name="WhenUnreachable">What becomes of a running device when no server can be reached that has its write cache.</param>
public sealed record Collection(
    CollectionId Id,
    string Name,
    SiteId Site,
    Assignment? Assignment,
    MachineSettings Settings,
    string NameTemplate = DeviceNaming.Default,
    int DevicesMax = Collection.DevicesMaxDefault,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] WhenUnreachable WhenUnreachable = default
)
{
    public const int DevicesMaxDefault = 1000;

    /// <summary>Where devices are that were put nowhere else.</summary>
    public static Collection Default { get; } = New(default, "default", default);

    [JsonIgnore]
    public bool IsDefault => Id == default;

    public static Collection New(CollectionId id, string name, SiteId site) =>
        new(id, name, site, null, MachineSettings.None);

    public Collection Apply(CollectionChange change) =>
        this with
        {
            Name = change.Name ?? Name,
            Site = change.Site ?? Site,
            Assignment = change.Unassign ? null : change.Assignment ?? Assignment,
            Settings = change.Settings is { } settings ? Settings.Apply(settings) : Settings,
            NameTemplate = change.NameTemplate ?? NameTemplate,
            DevicesMax = change.DevicesMax ?? DevicesMax,
            WhenUnreachable = change.WhenUnreachable ?? WhenUnreachable,
        };
}

/// <summary>Sites, collections and what becomes of unknown machines: few things, seldom changed, and told of each other, so one entity has them all.</summary>
/// <param name="Rules">In the order in which they are tried.</param>
/// <param name="Draining">Names of servers that get no new boots; default: none.</param>
public sealed record PolicyState(
    ImmutableArray<Site> Sites,
    ImmutableArray<Collection> Collections,
    ImmutableArray<UnknownRule> Rules,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<string> Draining = default
) : IFarmState<PolicyState, IPolicyEvent>
{
    public static PolicyState Initial { get; } = new([Devices.Site.Default], [Devices.Collection.Default], []);

    public Site? Site(SiteId id) => Sites.FirstOrDefault(s => s.Id == id);

    /// <param name="nameOrId">A name, or an id as 32 hexadecimal digits.</param>
    public Site? Site(string nameOrId) =>
        SiteId.TryParse(nameOrId, null, out var id)
            ? Site(id)
            : Sites.FirstOrDefault(s => string.Equals(s.Name, nameOrId, StringComparison.Ordinal));

    public Collection? Collection(CollectionId id) => Collections.FirstOrDefault(c => c.Id == id);

    public Collection? Collection(string nameOrId) =>
        CollectionId.TryParse(nameOrId, null, out var id)
            ? Collection(id)
            : Collections.FirstOrDefault(c => string.Equals(c.Name, nameOrId, StringComparison.Ordinal));

    public UnknownRule? Rule(string name) =>
        Rules.FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.Ordinal));

    /// <summary>The rule that decides on a machine; null where none does.</summary>
    public UnknownRule? RuleFor(UnknownMachine machine) => Rules.FirstOrDefault(r => r.Match.Matches(machine));

    public bool IsDraining(string server) => !Draining.IsDefault && Draining.Contains(server, StringComparer.Ordinal);

    public PolicyState Apply(IPolicyEvent happened) =>
        happened switch
        {
            SiteCreated e => this with { Sites = Sites.Add(new(e.Site, e.Name)) },
            SiteChanged e when Site(e.Site) is { } before => this with
            {
                Sites = Sites.Replace(
                    before,
                    before with
                    {
                        Name = e.Name ?? before.Name,
                        Description = e.Description ?? before.Description,
                    }
                ),
            },
            SiteRemoved e => this with { Sites = Sites.RemoveAll(s => s.Id == e.Site) },
            CollectionCreated e => this with
            {
                Collections = Collections.Add(Devices.Collection.New(e.Collection, e.Name, e.Site)),
            },
            CollectionChanged e when Collection(e.Collection) is { } before => this with
            {
                Collections = Collections.Replace(before, before.Apply(e.Change)),
            },
            CollectionRemoved e => this with { Collections = Collections.RemoveAll(c => c.Id == e.Collection) },
            UnknownRuleAdded e => this with { Rules = Insert(Rules, e.Rule, e.Before) },
            UnknownRuleMoved e when Rule(e.Name) is { } rule => this with
            {
                Rules = Insert(Rules.Remove(rule), rule, e.Before),
            },
            UnknownRuleRemoved e => this with
            {
                Rules = Rules.RemoveAll(r => string.Equals(r.Name, e.Name, StringComparison.Ordinal)),
            },
            ServerDrained e => this with { Draining = [.. Drained.Append(e.Server)] },
            ServerResumed e => this with { Draining = [.. Drained.Where(s => s != e.Server)] },
            _ => this,
        };

    private IEnumerable<string> Drained => Draining.IsDefault ? [] : Draining;

    private static ImmutableArray<UnknownRule> Insert(
        ImmutableArray<UnknownRule> rules,
        UnknownRule rule,
        string? before
    )
    {
        var at = rules.Select(r => r.Name).ToList().IndexOf(before ?? "");
        return at < 0 ? rules.Add(rule) : rules.Insert(at, rule);
    }
}
