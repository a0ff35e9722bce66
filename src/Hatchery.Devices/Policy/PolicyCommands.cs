using System.Text.Json.Serialization;

namespace Hatchery.Devices;

/// <summary>A command to the farm's policy; answered by a <see cref="Reply"/>.</summary>
public interface IPolicyCommand : IFarmMessage
{
    string IFarmMessage.EntityId => FarmPolicy.EntityId;
}

/// <summary>A site of this name that is there already is no error.</summary>
public sealed record CreateSite(SiteId Site, string Name) : IPolicyCommand;

/// <summary>Null: as it is.</summary>
public sealed record ChangeSite(SiteId Site, string? Name = null, string? Description = null) : IPolicyCommand;

/// <summary>Refused while a collection stands there.</summary>
public sealed record RemoveSite(SiteId Site) : IPolicyCommand;

/// <summary>The same collection again changes nothing; with other settings it is a conflict.</summary>
public sealed record CreateCollection(CollectionId Collection, string Name, SiteId Site, CollectionChange Change)
    : IPolicyCommand;

public sealed record ChangeCollection(CollectionId Collection, CollectionChange Change) : IPolicyCommand;

/// <summary>Refused while a rule adds machines to it. Whether devices are in it is for who sends this to see.</summary>
public sealed record RemoveCollection(CollectionId Collection) : IPolicyCommand;

/// <summary>The same rule again changes nothing; another one of its name is a conflict.</summary>
/// <param name="Before">The rule that it comes before; null: it is the last.</param>
public sealed record AddUnknownRule(UnknownRule Rule, string? Before = null) : IPolicyCommand;

public sealed record MoveUnknownRule(string Name, string? Before = null) : IPolicyCommand;

public sealed record RemoveUnknownRule(string Name) : IPolicyCommand;

/// <summary>That server gets no new boots, until it is resumed. What it serves goes on.</summary>
public sealed record DrainServer(string Server) : IPolicyCommand;

public sealed record ResumeServer(string Server) : IPolicyCommand;

/// <summary>What to change of a collection; null leaves it as it is.</summary>
/// <param name="Unassign">Its devices have no vDisk but their own.</param>
public sealed record CollectionChange(
    string? Name = null,
    SiteId? Site = null,
    Assignment? Assignment = null,
    bool Unassign = false,
    MachineSettingsChange? Settings = null,
    string? NameTemplate = null,
    int? DevicesMax = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WhenUnreachable? WhenUnreachable = null
);
