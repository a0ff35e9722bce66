using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Another system is gone for good, with all of its actors. It never leaves this system.</summary>
internal sealed record AddressTerminated(Address Address)
    : IAutoReceivedMessage,
        IPossiblyHarmful,
        IDeadLetterSuppression,
        INoSerializationVerificationNeeded;

/// <summary>Tells actors that watch actors of another system, or are watched by them, of its end.</summary>
internal sealed class AddressTerminatedTopic : IExtension
{
    private static readonly AddressTerminatedTopicProvider Provider = new();
    private ImmutableHashSet<IActorRef> _subscribers = [];

    public static AddressTerminatedTopic Get(ActorSystem system) => Provider.Apply(system);

    public void Subscribe(IActorRef subscriber) =>
        ImmutableInterlocked.Update(ref _subscribers, static (all, one) => all.Add(one), subscriber);

    public void Unsubscribe(IActorRef subscriber) =>
        ImmutableInterlocked.Update(ref _subscribers, static (all, one) => all.Remove(one), subscriber);

    public void Publish(AddressTerminated message)
    {
        foreach (var subscriber in _subscribers)
            subscriber.Tell(message, ActorRefs.NoSender);
    }

    private sealed class AddressTerminatedTopicProvider : ExtensionIdProvider<AddressTerminatedTopic>
    {
        public override AddressTerminatedTopic CreateExtension(ExtendedActorSystem system) => new();
    }
}
