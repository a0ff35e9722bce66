using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Event;

/// <summary>The system's bus: subscribers get every event of a type or one derived from it, until they die.</summary>
public class EventStream : LoggingBus
{
    private volatile IActorRef? _unsubscriber;

    /// <summary>Makes the bus; <paramref name="debug"/> is for <c>akka.actor.debug.event-stream</c>.</summary>
    public EventStream(bool debug) => IsDebug = debug;

    private bool IsDebug { get; }

    /// <inheritdoc/>
    public override bool Subscribe(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var added = base.Subscribe(subscriber, classifier);
        if (added && subscriber is not MinimalActorRef)
            _unsubscriber?.Tell(new EventStreamUnsubscriber.Register(subscriber), ActorRefs.NoSender);
        if (IsDebug)
            Publish(new Debug(nameof(EventStream), GetType(), $"subscribing {subscriber} to channel {classifier}"));
        return added;
    }

    /// <inheritdoc/>
    public override bool Unsubscribe(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var removed = base.Unsubscribe(subscriber, classifier);
        if (IsDebug)
            Publish(new Debug(nameof(EventStream), GetType(), $"unsubscribing {subscriber} from channel {classifier}"));
        return removed;
    }

    /// <inheritdoc/>
    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var removed = base.Unsubscribe(subscriber);
        if (IsDebug)
            Publish(new Debug(nameof(EventStream), GetType(), $"unsubscribing {subscriber} from all channels"));
        return removed;
    }

    /// <summary>Starts the actor that ends the subscriptions of actors that died.</summary>
    public void StartUnsubscriber(ActorSystemImpl system)
    {
        ArgumentNullException.ThrowIfNull(system);
        _unsubscriber = system.SystemActorOf(
            Props
                .Create(typeof(EventStreamUnsubscriber), this)
                .WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId),
            "EventStreamUnsubscriber"
        );
    }
}

/// <summary>Watches subscribers of the event stream.</summary>
internal sealed class EventStreamUnsubscriber : ActorBase
{
    private readonly EventStream _stream;

    public EventStreamUnsubscriber(EventStream stream) => _stream = stream;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Register register:
                Context.Watch(register.Actor);
                return true;
            case Terminated terminated:
                _stream.Unsubscribe(terminated.ActorRef);
                return true;
            default:
                return false;
        }
    }

    public sealed record Register(IActorRef Actor);
}

/// <summary>Subscribing by type argument.</summary>
public static class EventStreamExtensions
{
    /// <summary>Subscribes to events of type <typeparamref name="TEvent"/>.</summary>
    public static bool Subscribe<TEvent>(this EventStream eventStream, IActorRef subscriber)
        where TEvent : class => eventStream.Subscribe(subscriber, typeof(TEvent));

    /// <summary>Ends the subscription to events of type <typeparamref name="TEvent"/>.</summary>
    public static bool Unsubscribe<TEvent>(this EventStream eventStream, IActorRef subscriber)
        where TEvent : class => eventStream.Unsubscribe(subscriber, typeof(TEvent));
}
