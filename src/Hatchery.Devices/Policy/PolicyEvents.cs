namespace Hatchery.Devices;

/// <summary>What happened to sites, collections and rules; see <see cref="IDeviceEvent"/> for how events may change.</summary>
public interface IPolicyEvent;

public sealed record SiteCreated(SiteId Site, string Name, DateTimeOffset At) : IPolicyEvent;

/// <summary>Null: as it was.</summary>
public sealed record SiteChanged(SiteId Site, string? Name, string? Description, DateTimeOffset At) : IPolicyEvent;

public sealed record SiteRemoved(SiteId Site, DateTimeOffset At) : IPolicyEvent;

public sealed record CollectionCreated(CollectionId Collection, string Name, SiteId Site, DateTimeOffset At)
    : IPolicyEvent;

public sealed record CollectionChanged(CollectionId Collection, CollectionChange Change, DateTimeOffset At)
    : IPolicyEvent;

public sealed record CollectionRemoved(CollectionId Collection, DateTimeOffset At) : IPolicyEvent;

/// <param name="Before">The rule that comes after it; null: it is the last.</param>
public sealed record UnknownRuleAdded(UnknownRule Rule, string? Before, DateTimeOffset At) : IPolicyEvent;

public sealed record UnknownRuleMoved(string Name, string? Before, DateTimeOffset At) : IPolicyEvent;

public sealed record ServerDrained(string Server, DateTimeOffset At) : IPolicyEvent;

public sealed record ServerResumed(string Server, DateTimeOffset At) : IPolicyEvent;

public sealed record UnknownRuleRemoved(string Name, DateTimeOffset At) : IPolicyEvent;
