using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Internal;

namespace Akka.Cluster.Sharding;

/// <summary>The older strategy: the fullest region gives shards to the emptiest while they differ by more than a threshold.</summary>
public class LeastShardAllocationStrategy : AbstractLeastShardAllocationStrategy
{
    private readonly int _rebalanceThreshold;
    private readonly int _maxSimultaneousRebalance;

    /// <param name="rebalanceThreshold">Shards move when the fullest region has more than this many more than the emptiest.</param>
    /// <param name="maxSimultaneousRebalance">At most so many shards move at once.</param>
    public LeastShardAllocationStrategy(int rebalanceThreshold, int maxSimultaneousRebalance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rebalanceThreshold);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSimultaneousRebalance);
        _rebalanceThreshold = rebalanceThreshold;
        _maxSimultaneousRebalance = maxSimultaneousRebalance;
    }

    /// <inheritdoc/>
    public override Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    )
    {
        var entries = RegionEntriesFor(currentShardAllocations);
        if (entries.IsEmpty || !IsAGoodTimeToRebalance(entries))
            return NothingToMove;
        return Task.FromResult<IImmutableSet<string>>(
            LeastShards.ByThreshold(
                [.. entries.Order(Suitability).Select(entry => entry.ShardIds)],
                MostSuitableRegion(entries).Item2.Count,
                rebalanceInProgress,
                _rebalanceThreshold,
                _maxSimultaneousRebalance
            )
        );
    }
}

/// <summary>Strategies.</summary>
public static class ShardAllocationStrategy
{
    /// <summary>The strategy that reaches even numbers in one or two rounds.</summary>
    /// <param name="absoluteLimit">At most so many shards move in one round.</param>
    /// <param name="relativeLimit">At most this fraction of all shards moves in one round, but one at least.</param>
    public static IShardAllocationStrategy LeastShardAllocationStrategy(int absoluteLimit, double relativeLimit) =>
        new EvenShardAllocationStrategy(absoluteLimit, relativeLimit);
}

/// <summary>Moves shards within limits until the numbers of any two regions differ by at most one.</summary>
internal sealed class EvenShardAllocationStrategy(int absoluteLimit, double relativeLimit)
    : AbstractLeastShardAllocationStrategy
{
    public override Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    )
    {
        // One round after the other: the numbers mean nothing while shards move.
        if (rebalanceInProgress.Count > 0)
            return NothingToMove;
        var entries = RegionEntriesFor(currentShardAllocations);
        if (entries.IsEmpty || !IsAGoodTimeToRebalance(entries))
            return NothingToMove;
        return Task.FromResult<IImmutableSet<string>>(
            LeastShards.WithinLimits(
                [.. entries.Order(Suitability).Select(entry => entry.ShardIds)],
                absoluteLimit,
                relativeLimit
            )
        );
    }
}
