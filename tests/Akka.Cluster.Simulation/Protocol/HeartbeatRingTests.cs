using Akka.Cluster.Protocol;

namespace Akka.Cluster.Simulation.Protocol;

public sealed class HeartbeatRingTests
{
    private static readonly UniqueAddress[] Nodes = [.. Enumerable.Range(1, 12).Select(Partition.Node)];

    [Fact]
    public void Each_node_watches_as_many_as_it_should_and_is_watched_by_as_many()
    {
        var ring = new HeartbeatRing(Nodes, [], 3);
        var watched = Nodes.ToDictionary(node => node, ring.WatchedBy);

        Assert.All(Nodes, node => Assert.Equal(3, watched[node].Count));
        Assert.All(Nodes, node => Assert.Equal(3, watched.Values.Count(all => all.Contains(node))));
        Assert.All(Nodes, node => Assert.DoesNotContain(node, watched[node]));
    }

    [Fact]
    public void In_a_small_cluster_everybody_watches_everybody() =>
        Assert.All(Nodes[..4], node => Assert.Equal(3, new HeartbeatRing(Nodes[..4], [], 9).WatchedBy(node).Count));

    [Fact]
    public void Those_that_are_unreachable_are_watched_on_top()
    {
        var before = new HeartbeatRing(Nodes, [], 3).WatchedBy(Nodes[0]);

        var after = new HeartbeatRing(Nodes, before, 3).WatchedBy(Nodes[0]);

        Assert.True(before.IsSubsetOf(after));
        Assert.Equal(6, after.Count);
    }

    [Fact]
    public void Who_is_not_on_the_ring_watches_nobody() =>
        Assert.Empty(new HeartbeatRing(Nodes[..4], [], 3).WatchedBy(Nodes[5]));
}
