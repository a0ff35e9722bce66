namespace Hatchery.Devices;

/// <summary>An entity's answer to a command.</summary>
public abstract record Reply
{
    private protected Reply() { }

    /// <summary>Done, or done before. The farm view shows it once it has reached this sequence number of this entity.</summary>
    public sealed record Done(string PersistenceId, long SequenceNumber) : Reply;

    /// <summary>A session that has to be opened at another server.</summary>
    /// <param name="Server">Its name; null: any that takes boots, the one that asked does not.</param>
    /// <param name="Reason">One sentence for the log.</param>
    public sealed record Elsewhere(string? Server, string Reason) : Reply;

    public sealed record Refused(Refusal Refusal, string Reason) : Reply;
}

public enum Refusal
{
    NotFound,
    Conflict,
    Invalid,

    /// <summary>The boot nonce is older than the device's current boot.</summary>
    Stale,

    /// <summary>Not now (the database is away, another server has just taken the session): try again.</summary>
    Unavailable,
}

/// <summary>What a pure decision comes to: events to persist (none: nothing changes), or a refusal.</summary>
public readonly record struct Decision<TEvent>(IReadOnlyList<TEvent> Events, Reply.Refused? Refused)
{
    public static Decision<TEvent> Nothing => new([], null);

    public static Decision<TEvent> Of(params TEvent[] events) => new(events, null);

    public static Decision<TEvent> No(Refusal refusal, string reason) => new([], new(refusal, reason));
}
