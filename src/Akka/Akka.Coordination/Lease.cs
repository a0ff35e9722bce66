namespace Akka.Coordination;

/// <summary>
/// Something that one owner has at a time, in the whole cluster and beyond it. An owner that cannot renew it has to stop what it guards
/// before others can have it.
/// </summary>
public abstract class Lease
{
    protected Lease(LeaseSettings settings) => Settings = settings;

    public LeaseSettings Settings { get; }

    /// <summary>Tries to get it: true when it is this owner's now, also when it was before; false when it is somebody else's.</summary>
    /// <exception cref="LeaseException">It is not known.</exception>
    public abstract Task<bool> Acquire();

    /// <summary>As <see cref="Acquire()"/>.</summary>
    /// <param name="leaseLostCallback">Called when it is lost later, with the cause where there is one. May be called several times, from any thread.</param>
    public abstract Task<bool> Acquire(Action<Exception?> leaseLostCallback);

    /// <summary>Gives it back: true when it is not this owner's any more.</summary>
    public abstract Task<bool> Release();

    /// <summary>True while it certainly is this owner's. Asks nobody, so it can be asked before each step that the lease guards.</summary>
    public abstract bool CheckLease();
}

/// <summary>A lease could not be asked for.</summary>
public class LeaseException : Exception
{
    public LeaseException(string message)
        : base(message) { }

    public LeaseException(string message, Exception innerEx)
        : base(message, innerEx) { }
}

/// <summary>A lease could not be asked for in time.</summary>
public sealed class LeaseTimeoutException : LeaseException
{
    public LeaseTimeoutException(string message)
        : base(message) { }

    public LeaseTimeoutException(string message, Exception innerEx)
        : base(message, innerEx) { }
}
