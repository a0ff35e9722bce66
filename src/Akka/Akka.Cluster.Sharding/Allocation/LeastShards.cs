using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Which shards move so that all regions have about as many: numbers only, so that a simulation uses it too.</summary>
internal static class LeastShards
{
    /// <summary>The region with the fewest shards; of equal ones the first by path.</summary>
    public static IActorRef Emptiest(IImmutableDictionary<IActorRef, IImmutableList<string>> allocations) =>
        allocations.MinBy(each => (each.Value.Count, each.Key))!.Key;

    /// <summary>
    /// Two kinds of rounds, one at a time. First every region gives up what it has above its share, rounded up. When none has, regions
    /// at that share give one each to those that are two or more below it. So the difference is at most one shard in the end.
    /// </summary>
    /// <param name="shardsByRegion">The shards of each region, in the order in which it got them.</param>
    /// <param name="absoluteLimit">At most so many shards of one round.</param>
    /// <param name="relativeLimit">At most this fraction of all shards in one round, but one at least.</param>
    public static ImmutableHashSet<string> WithinLimits(
        IReadOnlyList<IImmutableList<string>> shardsByRegion,
        int absoluteLimit,
        double relativeLimit
    )
    {
        var total = shardsByRegion.Sum(shards => shards.Count);
        if (total == 0 || shardsByRegion.Count < 2)
            return [];
        var limit = Math.Max(1, Math.Min((int)(relativeLimit * total), absoluteLimit));
        var share = (total + shardsByRegion.Count - 1) / shardsByRegion.Count;

        var above = shardsByRegion.SelectMany(shards => shards.Take(Math.Max(0, shards.Count - share))).Take(limit);
        if (above.ToImmutableHashSet(StringComparer.Ordinal) is { IsEmpty: false } first)
            return first;

        var missing = shardsByRegion.Sum(shards => Math.Max(0, share - 1 - shards.Count));
        return
        [
            .. shardsByRegion
                .Where(shards => shards.Count >= share)
                .Select(shards => shards[0])
                .Take(Math.Min(missing, limit)),
        ];
    }

    /// <summary>The older way: the fullest region gives to the emptiest while they differ by more than a threshold.</summary>
    /// <param name="shardsByRegion">The shards of each region, in the order in which it got them.</param>
    /// <param name="leastSuitableCount">How many the region has that would get the next shard.</param>
    /// <param name="inProgress">Shards that are moving already.</param>
    /// <param name="threshold">The difference that is put up with.</param>
    /// <param name="maxSimultaneous">At most so many shards move at once.</param>
    public static ImmutableHashSet<string> ByThreshold(
        IReadOnlyList<IImmutableList<string>> shardsByRegion,
        int leastSuitableCount,
        IImmutableSet<string> inProgress,
        int threshold,
        int maxSimultaneous
    )
    {
        if (inProgress.Count >= maxSimultaneous || shardsByRegion.Count < 2)
            return [];
        var fullest = shardsByRegion
            .Select(shards => shards.Where(shard => !inProgress.Contains(shard)).ToList())
            .MaxBy(shards => shards.Count)!;
        var difference = fullest.Count - leastSuitableCount;
        return difference <= threshold
            ? []
            : [.. fullest.Take(Math.Min(difference - threshold, maxSimultaneous - inProgress.Count))];
    }
}
