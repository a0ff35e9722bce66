namespace Hatchery.Replication;

public enum ReplicaState
{
    /// <summary>All of it is there.</summary>
    Held,

    /// <summary>It comes just now.</summary>
    Arriving,

    /// <summary>It is wanted, and cannot be had just now.</summary>
    Waiting,

    /// <summary>The server has nothing of it.</summary>
    Missing,

    /// <summary>The server could not be asked.</summary>
    Unreachable,
}

/// <summary>How much of one image a server has.</summary>
/// <param name="Percent">Null: not known.</param>
/// <param name="Detail">From where it comes, or why it does not; null: nothing to say.</param>
public sealed record ReplicaStatus(string Server, ReplicaState State, int? Percent, string? Detail);
