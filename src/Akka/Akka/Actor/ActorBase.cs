using Akka.Event;

namespace Akka.Actor;

/// <summary>Handles a message; false says that it did not.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message.</summary>
public delegate void UntypedReceive(object message);

/// <summary>Gives the context of an actor.</summary>
public interface IInternalActor
{
    /// <summary>The actor's context.</summary>
    IActorContext ActorContext { get; }
}

/// <summary>The base of all actors.</summary>
public abstract class ActorBase : IInternalActor
{
    private ActorCell? _cell;

    /// <summary>Takes the place that the engine prepared; actors are made by <c>ActorOf</c> only.</summary>
    protected ActorBase()
    {
        var cell = ActorCell.Current;
        if (cell is null || !cell.IsCreating)
            throw new ActorInitializationException(
                "Do not create actors using 'new', always create them using an ActorContext/System"
            );
        cell.Adopt(this);
        _cell = cell;
    }

    /// <summary>Handles nothing.</summary>
    protected static Receive EmptyReceive { get; } = _ => false;

    /// <summary>The context of the actor that runs on this thread.</summary>
    protected static IActorContext Context =>
        ActorCell.Current
        ?? throw new NotSupportedException(
            "There is no active ActorContext, this is most likely due to use of async operations from within this actor."
        );

    IActorContext IInternalActor.ActorContext => Cell;

    /// <summary>This actor.</summary>
    protected IActorRef Self => Cell.Self;

    /// <summary>Who sent the message that is being processed; dead letters when it has no sender.</summary>
    protected IActorRef Sender => Cell.Sender;

    internal ActorCell Cell =>
        _cell ?? throw new NotSupportedException("The actor does not belong to a cell any more.");

    /// <summary>Runs <paramref name="receive"/>; false when it did not handle the message. Extension point around it.</summary>
    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        if (receive(message))
            return true;
        Unhandled(message);
        return false;
    }

    /// <summary>Handles a message; false says that it did not.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Called for a message that nothing handled: a <see cref="Terminated"/> throws <see cref="DeathPactException"/>.</summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
            throw new DeathPactException(terminated.ActorRef);
        Cell.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>Handles messages with <paramref name="receive"/> from now on.</summary>
    protected void Become(Receive receive) => Cell.Become(receive);

    /// <summary>Handles messages with <paramref name="receive"/> until <see cref="UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(Receive receive) => Cell.BecomeStacked(receive);

    /// <summary>Goes back to the behaviour before the last <see cref="BecomeStacked"/>.</summary>
    protected void UnbecomeStacked() => Cell.UnbecomeStacked();

    /// <summary>Sets after how long without a message <see cref="ReceiveTimeout"/> comes; null for never.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => Cell.SetReceiveTimeout(timeout);

    /// <summary>What is done when a child fails.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    /// <summary>Runs before the first message.</summary>
    protected virtual void PreStart() { }

    /// <summary>Runs when the actor has stopped.</summary>
    protected virtual void PostStop() { }

    /// <summary>Runs on the failed instance before it is replaced: stops the children and calls <see cref="PostStop"/>.</summary>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        foreach (var child in Cell.GetChildren())
        {
            Cell.Unwatch(child);
            Cell.Stop(child);
        }
        PostStop();
    }

    /// <summary>Runs on the new instance after a restart: calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>Extension point around <see cref="PreStart"/>.</summary>
    protected internal virtual void AroundPreStart() => PreStart();

    /// <summary>Extension point around <see cref="PostStop"/>.</summary>
    protected internal virtual void AroundPostStop() => PostStop();

    /// <summary>Extension point around <see cref="PreRestart"/>.</summary>
    protected internal virtual void AroundPreRestart(Exception cause, object? message) => PreRestart(cause, message);

    /// <summary>Extension point around <see cref="PostRestart"/>.</summary>
    protected internal virtual void AroundPostRestart(Exception cause, object? message) => PostRestart(cause);

    internal bool InvokeReceive(object message) => Receive(message);

    internal SupervisorStrategy OwnStrategy() => SupervisorStrategy();
}
