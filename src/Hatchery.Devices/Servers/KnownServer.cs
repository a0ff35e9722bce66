namespace Hatchery.Devices;

/// <summary>A server as this one knows it.</summary>
/// <param name="IsSelf">It is this one.</param>
/// <param name="IsDraining">It gets no new boots, and what runs there goes to other servers: an operator drains it, or it is being stopped.</param>
/// <param name="HeardAt">When it last told of itself, by this server's clock.</param>
public sealed record KnownServer(
    ServerStatus Status,
    bool IsSelf,
    ServerState State,
    bool IsDraining,
    DateTimeOffset HeardAt
);

public enum ServerState
{
    /// <summary>It tells of itself.</summary>
    Up,

    /// <summary>It does not, or the cluster cannot reach it.</summary>
    Silent,
}
