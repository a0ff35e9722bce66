using System.Collections.Immutable;
using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation;

/// <summary>Links that are broken between nodes that still hear of each other by way of others.</summary>
public sealed class IndirectConnectionTests
{
    public static TheoryData<string> Strategies => ["static-quorum", "keep-majority", "keep-oldest", "lease-majority"];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Two_that_see_each_other_as_gone_both_go(string name)
    {
        // 1 and 2 see each other as gone; 3, 4 and 5 see both.
        var view = View(5, [(1, 2), (2, 1)], seenBy: [1, 2, 3, 4, 5]);

        Assert.Equal([1, 2], Downed(Named(name, 3), view));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void One_that_is_seen_as_gone_and_yet_has_seen_this_goes_with_its_observer(string name)
    {
        // 2 does not reach 3, in that direction only; 3 sees nothing amiss.
        var view = View(5, [(2, 3)], seenBy: [1, 2, 3, 4, 5]);

        Assert.Equal([2, 3], Downed(Named(name, 3), view));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Beside_a_broken_link_a_real_partition_is_decided_on(string name)
    {
        // 5 is gone for everybody; 1 and 2 do not reach each other.
        var view = View(5, [(1, 2), (2, 1), (1, 5), (2, 5), (3, 5), (4, 5)], seenBy: [1, 2, 3, 4]);

        Assert.Equal([1, 2, 5], Downed(Named(name, 3), view));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void One_that_saw_another_die_and_then_died_itself_takes_nobody_along(string name)
    {
        var view = View(5, [(5, 4), (1, 4), (2, 4), (3, 4), (1, 5), (2, 5), (3, 5)], seenBy: [1, 2, 3]);

        Assert.Equal([4, 5], Downed(Named(name, 3), view));
    }

    [Fact]
    public void The_side_that_loses_goes_as_a_whole_whatever_its_links()
    {
        // 1 and 2 on one side, without a link between them; 3, 4 and 5 on the other.
        var view = View(5, [(1, 2), (2, 1), (1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5)], seenBy: [1, 2]);

        Assert.Equal([1, 2], Downed(Named("keep-majority", 3), view));
    }

    [Fact]
    public void Without_the_lease_all_that_are_reachable_go_too()
    {
        var view = View(3, [(1, 2), (2, 1)], seenBy: [1, 2, 3]);
        var strategy = Named("lease-majority", 2);

        Assert.Equal([1, 2, 3], Numbers(strategy.NodesToDown(Decision.ReverseDownIndirectlyConnected, view)));
    }

    [Fact]
    public void A_node_that_is_cut_off_by_another_goes_alone()
    {
        var view = View(3, [], seenBy: [1, 2, 3]);

        Assert.Equal([1], Numbers(Named("keep-majority", 2).NodesToDown(Decision.DownSelfQuarantinedByRemote, view)));
    }

    internal static Strategy Named(string name, int quorum) =>
        name switch
        {
            "static-quorum" => new StaticQuorum(quorum, null),
            "keep-majority" => new KeepMajority(null),
            "keep-oldest" => new KeepOldest(downIfAlone: true, null),
            "lease-majority" => new LeaseMajority(null),
            _ => new DownAllNodes(),
        };

    private static PartitionView View(int members, (int Observer, int Subject)[] broken, int[] seenBy)
    {
        var reachability = broken.Aggregate(
            Reachability.Empty,
            (table, link) => table.Unreachable(Partition.Node(link.Observer), Partition.Node(link.Subject))
        );
        var gossip = Gossip.Empty.WithMembers([
            .. Enumerable.Range(1, members).Select(n => Partition.Member(n, MemberStatus.Up, n)),
        ]) with
        {
            Reachability = reachability,
            Seen = [.. seenBy.Select(Partition.Node)],
        };
        return new PartitionView(new MembershipState(gossip, Partition.Node(1)));
    }

    private static IEnumerable<int> Downed(Strategy strategy, PartitionView view) =>
        Numbers(strategy.NodesToDown(strategy.Decide(view), view));

    private static IEnumerable<int> Numbers(ImmutableHashSet<UniqueAddress> nodes) =>
        nodes.Select(node => node.Uid).Order();
}
