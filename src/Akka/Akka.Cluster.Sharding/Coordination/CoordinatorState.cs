using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Regions, proxies, and where each shard lives: what the coordinator stores.</summary>
internal sealed record CoordinatorState(
    ImmutableDictionary<string, IActorRef> Shards,
    ImmutableDictionary<IActorRef, ImmutableList<string>> Regions,
    ImmutableHashSet<IActorRef> Proxies
) : IClusterShardingSerializable
{
    public static readonly CoordinatorState Empty = new(
        ImmutableDictionary.Create<string, IActorRef>(StringComparer.Ordinal),
        ImmutableDictionary<IActorRef, ImmutableList<string>>.Empty,
        []
    );

    /// <summary>The state after an event. One that does not fit changes nothing: two coordinators may have written at once before one was downed.</summary>
    public CoordinatorState After(ICoordinatorEvent happened) =>
        happened switch
        {
            ShardRegionRegistered(var region) => Regions.ContainsKey(region)
                ? this
                : this with
                {
                    Regions = Regions.Add(region, []),
                },
            ShardRegionProxyRegistered(var proxy) => this with { Proxies = Proxies.Add(proxy) },
            ShardRegionTerminated(var region) => Regions.TryGetValue(region, out var shards)
                ? this with
                {
                    Regions = Regions.Remove(region),
                    Shards = Shards.RemoveRange(shards),
                }
                : this,
            ShardRegionProxyTerminated(var proxy) => this with { Proxies = Proxies.Remove(proxy) },
            ShardHomeAllocated(var shard, var region) => Allocated(shard, region),
            ShardHomeDeallocated(var shard) => Deallocated(shard),
            _ => this,
        };

    /// <summary>The state whose parts these are; a shard of a region that is not there has no home.</summary>
    public static CoordinatorState Of(
        IEnumerable<KeyValuePair<string, IActorRef>> shards,
        IEnumerable<IActorRef> regions,
        IEnumerable<IActorRef> proxies
    )
    {
        var state = Empty with { Proxies = [.. proxies] };
        foreach (var region in regions)
            state = state.After(new ShardRegionRegistered(region));
        return shards.Aggregate(state, (s, home) => s.Allocated(home.Key, home.Value));
    }

    private CoordinatorState Allocated(string shard, IActorRef region)
    {
        if (Shards.ContainsKey(shard) || !Regions.TryGetValue(region, out var shards))
            return this;
        return this with { Shards = Shards.Add(shard, region), Regions = Regions.SetItem(region, shards.Add(shard)) };
    }

    private CoordinatorState Deallocated(string shard)
    {
        if (!Shards.TryGetValue(shard, out var region))
            return this;
        return this with
        {
            Shards = Shards.Remove(shard),
            Regions = Regions.SetItem(region, Regions[region].Remove(shard, StringComparer.Ordinal)),
        };
    }
}
