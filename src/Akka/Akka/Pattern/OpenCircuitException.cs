using Akka.Actor;

namespace Akka.Pattern;

/// <summary>A call was refused because the circuit breaker is open.</summary>
public class OpenCircuitException : AkkaException
{
    public OpenCircuitException()
        : this("Circuit Breaker is open; calls are failing fast") { }

    public OpenCircuitException(string message)
        : base(message) { }

    public OpenCircuitException(string message, Exception? cause)
        : base(message, cause) { }

    public OpenCircuitException(Exception? cause, TimeSpan remainingDuration)
        : base("Circuit Breaker is open; calls are failing fast", cause) => RemainingDuration = remainingDuration;

    /// <summary>The time until the breaker lets a call through again.</summary>
    public TimeSpan RemainingDuration { get; }
}
