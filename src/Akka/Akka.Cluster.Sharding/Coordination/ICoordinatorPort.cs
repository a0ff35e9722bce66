using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>What <see cref="Coordinator"/> does to the world around it.</summary>
internal interface ICoordinatorPort
{
    IActorRef Self { get; }

    /// <summary>Sends from the coordinator.</summary>
    void Send(IActorRef target, object message);

    /// <summary>Sends with the reference of a move as the sender.</summary>
    void SendFrom(IActorRef move, IActorRef target, object message);

    /// <summary>Stores an event and then goes on; no message is handled in between. When that fails the coordinator ends.</summary>
    void Persist(ICoordinatorEvent happened, Action then);

    /// <summary><see cref="Coordinator.Terminated"/> follows when it ends, or when its node is removed.</summary>
    void Watch(IActorRef target);

    /// <summary>True when the node of a region takes part in the cluster.</summary>
    bool IsMember(IActorRef region);

    /// <summary>True when the node of a region is there to stay: what is given to one that leaves has to move again, or is lost with it.</summary>
    bool MayHost(IActorRef region);

    /// <summary>Asks the strategy; <see cref="Coordinator.Allocated"/> follows, with null when it failed.</summary>
    void Allocate(IActorRef requester, string shard, IImmutableDictionary<IActorRef, IImmutableList<string>> regions);

    /// <summary>Asks the strategy; <see cref="Coordinator.Rebalance"/> follows when it wants shards to move.</summary>
    void AskRebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> regions, IImmutableSet<string> moving);

    /// <summary>A reference for the answers about one move; they come to <see cref="Coordinator.ReceiveMove"/>.</summary>
    IActorRef OpenMove(string shard);

    void CloseMove(IActorRef move);

    /// <summary>Calls <see cref="Coordinator.TimedOut"/> with the key after the delay; one of that key at a time.</summary>
    void StartTimer(object key, TimeSpan delay);

    void CancelTimer(object key);
}

/// <summary>What is fixed about a coordinator.</summary>
/// <param name="MinMembers">No shard gets a home before so many regions have registered.</param>
internal sealed record CoordinatorSettings(int MinMembers, TimeSpan HandOffTimeout, TimeSpan ShardStartTimeout);
