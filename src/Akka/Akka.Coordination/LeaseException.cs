namespace Akka.Coordination;

/// <summary>Whether a lease is held could not be found out.</summary>
public class LeaseException : Exception
{
    /// <summary>Says why.</summary>
    public LeaseException(string message)
        : base(message) { }

    /// <summary>Says why.</summary>
    public LeaseException(string message, Exception innerEx)
        : base(message, innerEx) { }
}

/// <summary>Nobody said in time.</summary>
public sealed class LeaseTimeoutException : LeaseException
{
    /// <summary>Says why.</summary>
    public LeaseTimeoutException(string message)
        : base(message) { }

    /// <summary>Says why.</summary>
    public LeaseTimeoutException(string message, Exception innerEx)
        : base(message, innerEx) { }
}
