using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Decides where shards live. It runs in the coordinator only.</summary>
public interface IShardAllocationStrategy : INoSerializationVerificationNeeded
{
    /// <summary>The region that gets <paramref name="shardId"/>, one of the keys of <paramref name="currentShardAllocations"/>.</summary>
    /// <param name="requester">The region that asked for it.</param>
    /// <param name="shardId">A shard without a home.</param>
    /// <param name="currentShardAllocations">The regions that may host shards, with theirs in the order in which they got them.</param>
    Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations
    );

    /// <summary>The shards that move now; each gets a new home from <see cref="AllocateShard"/>.</summary>
    /// <param name="currentShardAllocations">The regions that may host shards, with theirs in the order in which they got them.</param>
    /// <param name="rebalanceInProgress">Shards that are moving already.</param>
    Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    );
}

/// <summary>A strategy that needs the actor system.</summary>
public interface IActorSystemDependentAllocationStrategy : IShardAllocationStrategy
{
    /// <summary>Called once, before the coordinator asks anything.</summary>
    void Start(ActorSystem system);
}
