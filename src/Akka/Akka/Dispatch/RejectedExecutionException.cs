using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>A dispatcher that has shut down was given work.</summary>
public sealed class RejectedExecutionException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public RejectedExecutionException(string? message = null, Exception? inner = null)
        : base(message, inner) { }
}
