using Akka.Cluster.Sharding.Tests.Support;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Cluster.Tests;

public sealed class ClusterShardingCommandsTests
{
    [Fact]
    public async Task Regions_are_listed_and_counted_and_the_coordinators_row_is_marked()
    {
        await using var cluster = new ShardedCluster();
        var systems = await cluster.Form(2, "\n" + OperatedNode.Config);
        var regions = systems.Select(s => cluster.StartRegion(s)).ToArray();
        await ShardedCluster.Homes(regions[0], 20);
        using var client = await OperatedNode.ConnectAsync(systems[1]);

        Assert.Equal((AnswerPart.Done, "counter"), await client.RunAsync("cluster-sharding", "list-regions"));
        var (outcome, text) = await client.RunAsync("cluster-sharding", "region-stats", "-r", "counter");
        Assert.Equal(AnswerPart.Done, outcome);
        var rows = text.Split('\n').Select(row => row.Split(" | ")).ToArray();
        Assert.Equal(2, rows.Length);
        Assert.All(rows, row => Assert.Equal(("[]", "up"), (row[1], row[2])));
        Assert.Equal(20, rows.Sum(row => int.Parse(row[4]["entities: ".Length..], provider: null)));
        var marked = Assert.Single(rows, row => row[^1] == "coordinator");
        Assert.Equal(Akka.Cluster.Cluster.Get(systems[0]).SelfAddress.ToString(), marked[0]);
        (outcome, _) = await client.RunAsync("cluster-sharding", "region-stats", "-r", "nobody");
        Assert.Equal(AnswerPart.Failed, outcome);
    }
}
