namespace Akka.Coordination;

/// <summary>
/// Something that one owner at a time can hold, among all nodes. An implementation has a constructor that takes
/// <see cref="LeaseSettings"/>, and the system if it wants it.
/// </summary>
public abstract class Lease
{
    /// <summary>For implementations.</summary>
    protected Lease(LeaseSettings settings) => Settings = settings;

    /// <summary>Which lease, and for whom.</summary>
    public LeaseSettings Settings { get; }

    /// <summary>Takes the lease: true when it is held now, also when it was before; false when another holds it.</summary>
    /// <exception cref="LeaseException">It could not be found out.</exception>
    public abstract Task<bool> Acquire();

    /// <summary>Takes the lease and tells of its loss.</summary>
    /// <param name="leaseLostCallback">Called when it is lost without having been given back, with the cause if there is one.</param>
    /// <exception cref="LeaseException">It could not be found out.</exception>
    public abstract Task<bool> Acquire(Action<Exception?> leaseLostCallback);

    /// <summary>Gives the lease back: true when it is free then.</summary>
    /// <exception cref="LeaseException">It could not be found out.</exception>
    public abstract Task<bool> Release();

    /// <summary>Whether this node, as far as it knows, holds the lease.</summary>
    public abstract bool CheckLease();
}
