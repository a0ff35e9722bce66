using Akka.Actor;
using Akka.Event;

namespace Akka.Dispatch.SysMsg;

/// <summary>A message of the engine to an actor's cell; it goes before the actor's own messages.</summary>
public interface ISystemMessage : INoSerializationVerificationNeeded;

/// <summary>A system message that can be linked into a mailbox.</summary>
public abstract class SystemMessage : ISystemMessage
{
    internal SystemMessage? Next;
}

/// <summary>Stands in a closed mailbox: nothing more is taken.</summary>
internal sealed class NoMessage : SystemMessage;

internal sealed class Create(ActorInitializationException? failure = null) : SystemMessage
{
    public ActorInitializationException? Failure { get; } = failure;
}

internal sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;
}

internal sealed class Resume(Exception? causedByFailure) : SystemMessage
{
    public Exception? CausedByFailure { get; } = causedByFailure;
}

internal sealed class Suspend : SystemMessage;

internal sealed class Terminate : SystemMessage, IPossiblyHarmful, IDeadLetterSuppression;

internal sealed class Supervise(IActorRef child, bool async) : SystemMessage
{
    public IActorRef Child { get; } = child;

    public bool Async { get; } = async;
}

/// <summary>Asks the watchee to tell the watcher when it dies.</summary>
public class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    /// <summary>Who is watched.</summary>
    public IInternalActorRef Watchee { get; } = watchee;

    /// <summary>Who watches.</summary>
    public IInternalActorRef Watcher { get; } = watcher;
}

/// <summary>Takes back a <see cref="Watch"/>.</summary>
public sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    /// <summary>Who was watched.</summary>
    public IInternalActorRef Watchee { get; } = watchee;

    /// <summary>Who watched.</summary>
    public IInternalActorRef Watcher { get; } = watcher;
}

/// <summary>Tells parent and watchers that an actor died.</summary>
public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    : SystemMessage,
        IDeadLetterSuppression
{
    /// <summary>Who died.</summary>
    public IActorRef Actor { get; } = actor;

    /// <summary>False when it is unknown whether it ever lived.</summary>
    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    /// <summary>True when its whole system is gone.</summary>
    public bool AddressTerminated { get; } = addressTerminated;
}

internal sealed class Failed(IActorRef child, Exception cause, long uid) : SystemMessage
{
    public IActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;

    public long Uid { get; } = uid;

    public override string ToString() => $"<Failed>: {Child} ({Uid}): {Cause}";
}

/// <summary>Runs a piece of an actor's asynchronous handler inside the actor.</summary>
internal sealed class ActorTask(Task task, ActorTaskScheduler scheduler) : SystemMessage
{
    public void Execute() => scheduler.Run(task);
}
