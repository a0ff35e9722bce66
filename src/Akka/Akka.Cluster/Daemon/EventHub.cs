using Akka.Actor;

namespace Akka.Cluster.Daemon;

/// <summary>Tells subscribers what happens, in the order in which it happens. Used by one actor.</summary>
internal sealed class EventHub(UniqueAddress self)
{
    private readonly Dictionary<IActorRef, HashSet<Type>> _subscribers = [];

    public MembershipState State { get; private set; } = new(Gossip.Empty, self);

    /// <summary>Tells what led from the state before to this one.</summary>
    public void Publish(MembershipState state)
    {
        var before = State;
        State = state;
        foreach (var change in MembershipDiff.Events(before, state))
            Publish(change);
        Publish(new ClusterEvent.MembershipChanged(state));
    }

    public void Publish(object change)
    {
        foreach (var (subscriber, types) in _subscribers)
        {
            if (types.Any(type => type.IsInstanceOfType(change)))
                subscriber.Tell(change);
        }
    }

    /// <summary>Begins with what was before: as one message, or as the events that lead there.</summary>
    public void Subscribe(Subscribe subscribe)
    {
        if (subscribe.Mode == ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot)
            subscribe.Subscriber.Tell(State.ToCurrentState());
        else
        {
            foreach (var change in MembershipDiff.Events(new MembershipState(Gossip.Empty, self), State))
            {
                if (subscribe.To.Any(type => type.IsInstanceOfType(change)))
                    subscribe.Subscriber.Tell(change);
            }
        }
        if (subscribe.To.Contains(typeof(ClusterEvent.MembershipChanged)))
            subscribe.Subscriber.Tell(new ClusterEvent.MembershipChanged(State));
        if (!_subscribers.TryGetValue(subscribe.Subscriber, out var types))
            _subscribers.Add(subscribe.Subscriber, types = []);
        types.UnionWith(subscribe.To);
    }

    /// <summary>True when nothing is left to tell that subscriber.</summary>
    public bool Unsubscribe(IActorRef subscriber, Type? type)
    {
        if (type is null || !_subscribers.TryGetValue(subscriber, out var types))
            return _subscribers.Remove(subscriber);
        types.Remove(type);
        return types.Count == 0 && _subscribers.Remove(subscriber);
    }
}
