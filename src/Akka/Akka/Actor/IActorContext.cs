using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Makes and finds actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Makes an actor; throws <see cref="InvalidActorNameException"/> when the name is malformed or taken.</summary>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>The actors at <paramref name="actorPath"/>.</summary>
    ActorSelection ActorSelection(ActorPath actorPath);

    /// <summary>The actors at <paramref name="actorPath"/>, relative or absolute, with wild cards.</summary>
    ActorSelection ActorSelection(string actorPath);
}

/// <summary>Watches actors for their end.</summary>
public interface ICanWatch
{
    /// <summary>Has <see cref="Terminated"/> sent here when <paramref name="subject"/> dies.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>Has <paramref name="message"/> sent here when <paramref name="subject"/> dies.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Takes that back, also for a message that is already on its way.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor can do, from inside its handlers.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    /// <summary>This actor.</summary>
    IActorRef Self { get; }

    /// <summary>How it was made.</summary>
    Props Props { get; }

    /// <summary>Who sent the current message.</summary>
    IActorRef Sender { get; }

    /// <summary>The system.</summary>
    ActorSystem System { get; }

    /// <summary>The parent.</summary>
    IActorRef Parent { get; }

    /// <summary>What runs it.</summary>
    MessageDispatcher Dispatcher { get; }

    /// <summary>The receive time-out; null for none.</summary>
    TimeSpan? ReceiveTimeout { get; }

    /// <summary>Handles messages with <paramref name="receive"/> from now on.</summary>
    void Become(Receive receive);

    /// <summary>Handles messages with <paramref name="receive"/> until <see cref="UnbecomeStacked"/>.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Goes back to the behaviour before.</summary>
    void UnbecomeStacked();

    /// <summary>The child of that name, or <see cref="Nobody"/>.</summary>
    IActorRef Child(string name);

    /// <summary>All children.</summary>
    IEnumerable<IActorRef> GetChildren();

    /// <summary>Sets the receive time-out; null for none.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Stops this actor or a child.</summary>
    void Stop(IActorRef child);
}

/// <summary>The context of an untyped actor.</summary>
public interface IUntypedActorContext : IActorContext
{
    /// <summary>Handles messages with <paramref name="receive"/> from now on.</summary>
    void Become(UntypedReceive receive);

    /// <summary>Handles messages with <paramref name="receive"/> until unbecome.</summary>
    void BecomeStacked(UntypedReceive receive);
}
