namespace Akka.Actor;

/// <summary>The base of what the engine throws.</summary>
public abstract class AkkaException : Exception
{
    /// <summary>An exception without words.</summary>
    protected AkkaException() { }

    /// <summary>An exception with its message and cause.</summary>
    protected AkkaException(string? message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>An actor was interrupted.</summary>
public sealed class ActorInterruptedException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public ActorInterruptedException(string? message = null, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>What Kill makes of an actor.</summary>
public sealed class ActorKilledException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public ActorKilledException(string message)
        : base(message) { }
}

/// <summary>No actor answered to a path.</summary>
public sealed class ActorNotFoundException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public ActorNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException) { }

    /// <summary>Makes the exception.</summary>
    public ActorNotFoundException()
        : base(null) { }
}

/// <summary>No answer came in time.</summary>
public sealed class AskTimeoutException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public AskTimeoutException(string message)
        : base(message) { }
}

/// <summary>The name cannot be used for an actor.</summary>
public sealed class IllegalActorNameException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public IllegalActorNameException(string message)
        : base(message) { }
}

/// <summary>The actor cannot do this in the state that it is in.</summary>
public sealed class IllegalActorStateException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public IllegalActorStateException(string message)
        : base(message) { }
}

/// <summary>The name is malformed or taken.</summary>
public class InvalidActorNameException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public InvalidActorNameException(string message)
        : base(message) { }

    /// <summary>Makes the exception.</summary>
    public InvalidActorNameException(string message, Exception innerException)
        : base(message, innerException) { }
}

/// <summary>What was sent is no message: null.</summary>
public sealed class InvalidMessageException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public InvalidMessageException(string message)
        : base(message) { }
}

/// <summary>A logger did not start.</summary>
public sealed class LoggerInitializationException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public LoggerInitializationException(string message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>The scheduler refused.</summary>
public sealed class SchedulerException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public SchedulerException(string message)
        : base(message) { }
}

/// <summary>The stash is full.</summary>
public sealed class StashOverflowException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public StashOverflowException(string message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>A watched actor died and its watcher did not handle <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    /// <summary>Names the actor that died.</summary>
    public DeathPactException(IActorRef deadActor)
        : base($"Monitored actor [{deadActor}] terminated") => DeadActor = deadActor;

    /// <summary>The actor that died.</summary>
    public IActorRef DeadActor { get; }
}

/// <summary>An actor could not be made or started.</summary>
public class ActorInitializationException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public ActorInitializationException(string message)
        : base(message) { }

    /// <summary>Makes the exception.</summary>
    public ActorInitializationException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>Makes the exception for one actor.</summary>
    public ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
        : base(message, cause) => Actor = actor;

    /// <summary>The actor that it is about.</summary>
    public IActorRef? Actor { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary>PreRestart threw while an actor was restarted.</summary>
public class PreRestartException : ActorInitializationException
{
    /// <summary>Makes the exception.</summary>
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(
            actor,
            $"Exception in PreRestart(reason = {cause.GetType()}, message = {optionalMessage?.GetType()})",
            restartException
        )
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    /// <summary>What PreRestart threw.</summary>
    public Exception RestartException { get; }

    /// <summary>The message that was being processed.</summary>
    public object? OptionalMessage { get; }
}

/// <summary>The constructor or PostRestart threw while an actor was restarted.</summary>
public class PostRestartException : ActorInitializationException
{
    /// <summary>Makes the exception.</summary>
    public PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, $"Exception post restart ({originalCause.GetType()})", cause) => OriginalCause = originalCause;

    /// <summary>Why the actor was restarted.</summary>
    public Exception OriginalCause { get; }
}
