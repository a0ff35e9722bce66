using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding.Internal;

/// <summary>Gives a shard to the region with the fewest, and to one on a member that is on its way out only when there is no other.</summary>
public abstract class AbstractLeastShardAllocationStrategy : IActorSystemDependentAllocationStrategy
{
    private static readonly Task<IImmutableSet<string>> Nothing = Task.FromResult<IImmutableSet<string>>(
        ImmutableHashSet<string>.Empty
    );

    private Cluster? _cluster;

    /// <summary>The cluster as it is now.</summary>
    protected virtual ClusterEvent.CurrentClusterState ClusterState => Started.State;

    /// <summary>The member that the coordinator runs on.</summary>
    protected virtual Member SelfMember => Started.SelfMember;

    private Cluster Started =>
        _cluster ?? throw new InvalidOperationException("the allocation strategy has to be started first");

    /// <inheritdoc/>
    public void Start(ActorSystem system) => _cluster = Cluster.Get(system);

    /// <inheritdoc/>
    public virtual Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations
    )
    {
        var entries = RegionEntriesFor(currentShardAllocations);
        // Members may lag behind regions, whose death watch and registration are messages of their own.
        return Task.FromResult(
            entries.IsEmpty ? LeastShards.Emptiest(currentShardAllocations) : MostSuitableRegion(entries).Item1
        );
    }

    /// <inheritdoc/>
    public abstract Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    );

    /// <summary>False while members join or run different versions: what moved now would move again.</summary>
    protected bool IsAGoodTimeToRebalance(IEnumerable<RegionEntry> regionEntries) =>
        regionEntries.Select(entry => entry.Member.AppVersion).Distinct().Take(2).Count() < 2
        && !ClusterState.Members.Any(member => member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp);

    /// <summary>The regions whose member is known.</summary>
    protected ImmutableList<RegionEntry> RegionEntriesFor(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations
    )
    {
        var members = ClusterState.Members.GroupBy(member => member.Address).ToDictionary(g => g.Key, g => g.Last());
        return
        [
            .. currentShardAllocations
                .Select(each =>
                {
                    var address = each.Key.Path.Address;
                    var member = address.HasLocalScope ? SelfMember : members.GetValueOrDefault(address);
                    return member is null ? null : new RegionEntry(each.Key, member, each.Value);
                })
                .OfType<RegionEntry>(),
        ];
    }

    /// <summary>The region that the next shard should go to, with its shards.</summary>
    protected (IActorRef, IImmutableList<string>) MostSuitableRegion(IEnumerable<RegionEntry> regionEntries)
    {
        var best = regionEntries.Min(Suitability)!;
        return (best.Region, best.ShardIds);
    }

    private protected static Task<IImmutableSet<string>> NothingToMove => Nothing;

    /// <summary>The most suitable first: on a member that stays, of the newest version, with the fewest shards.</summary>
    private protected static IComparer<RegionEntry> Suitability { get; } =
        Comparer<RegionEntry>.Create(
            (a, b) =>
            {
                var order = Leaves(a.Member).CompareTo(Leaves(b.Member));
                if (order == 0)
                    order = b.Member.AppVersion.CompareTo(a.Member.AppVersion);
                if (order == 0)
                    order = a.ShardIds.Count.CompareTo(b.ShardIds.Count);
                return order != 0 ? order : a.Member.CompareTo(b.Member);
            }
        );

    private static bool Leaves(Member member) =>
        member.Status is MemberStatus.Leaving or MemberStatus.Exiting or MemberStatus.Down;

    /// <summary>A region, the member that it is on, and its shards.</summary>
    public sealed class RegionEntry
    {
        public RegionEntry(IActorRef region, Member member, IImmutableList<string> shardIds)
        {
            Region = region;
            Member = member;
            ShardIds = shardIds;
        }

        public IActorRef Region { get; }

        public Member Member { get; }

        public IImmutableList<string> ShardIds { get; }
    }
}
