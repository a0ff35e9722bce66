using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding.Tests.Support;
using Akka.Cluster.Tests.Support;
using Hatchery.Testing;
using static Akka.Cluster.Sharding.Tests.Support.ShardedCluster;

namespace Akka.Cluster.Sharding.Tests;

/// <summary>Several nodes in one process, on loopback.</summary>
public sealed class ShardingTests : IAsyncLifetime
{
    private readonly ShardedCluster _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_cluster_of_one_runs_entities()
    {
        var systems = await _cluster.Form(1);
        var region = _cluster.StartRegion(systems[0]);

        Assert.Equal(Port(systems[0]), await region.Ask<string>("e1:where", AskTimeout));
        Assert.Contains(TypeName, ClusterSharding.Get(systems[0]).ShardTypeNames);
        Assert.Same(region, ClusterSharding.Get(systems[0]).ShardRegion(TypeName));
    }

    [Fact]
    public async Task Entities_spread_and_each_is_the_same_one_from_every_node()
    {
        var systems = await _cluster.Form(3);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[0], 3);

        var homes = await Homes(regions[0], 40);

        Assert.Equal(systems.Select(Port).Order(), homes.Distinct().Order());
        Assert.Equal(homes, await Homes(regions[1], 40));
        Assert.Equal(homes, await Homes(regions[2], 40));
    }

    [Fact]
    public async Task Entities_of_a_killed_node_answer_elsewhere_once_it_is_downed()
    {
        var systems = await _cluster.Form(3);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[0], 3);
        var before = await Homes(regions[0], 40);
        Assert.Contains(Port(systems[2]), before);
        var address = Cluster.Get(systems[2]).SelfAddress;

        await Nodes.Kill(systems[2]);
        Cluster.Get(systems[0]).Down(address);

        var after = await Homes(regions[1], 40);
        Assert.DoesNotContain(Port(systems[2]), after);
    }

    [Fact]
    public async Task The_node_with_the_coordinator_may_be_killed()
    {
        var systems = await _cluster.Form(3);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[2], 3);
        await Homes(regions[2], 20);
        var address = Cluster.Get(systems[0]).SelfAddress;

        await Nodes.Kill(systems[0]);
        Cluster.Get(systems[1]).Down(address);

        // Twenty more entities than before, so shards that nobody knew yet are among them.
        Assert.DoesNotContain(Port(systems[0]), await Homes(regions[2], 40));
    }

    [Fact]
    public async Task A_node_that_leaves_hands_its_shards_over_and_no_message_is_lost_meanwhile()
    {
        var systems = await _cluster.Form(3);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[0], 3);
        await Homes(regions[0], 20);
        using var enough = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            var number = 0;
            for (; !enough.IsCancellationRequested; number++)
            {
                regions[number % 2].Tell($"e{number % 20}:{number}");
                await Task.Delay(1);
            }
            return number;
        });

        await CoordinatedShutdown
            .Get(systems[2])
            .Run(CoordinatedShutdown.ClusterLeavingReason.Instance)
            .WaitAsync(AskTimeout);
        await enough.CancelAsync();
        var sent = await sending;

        await Eventually.TrueAsync(() => Received().Count >= sent);
        Assert.Equal(Enumerable.Range(0, sent), Received().Order());
        Assert.DoesNotContain(Port(systems[2]), await Homes(regions[0], 20));
        foreach (var ofOneSender in Received().GroupBy(number => (number % 2, number % 20)))
            Assert.Equal(ofOneSender.Order(), ofOneSender);
    }

    [Fact]
    public async Task The_node_with_the_coordinator_may_leave()
    {
        var systems = await _cluster.Form(2);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[1], 2);
        await Homes(regions[1], 20);

        await CoordinatedShutdown
            .Get(systems[0])
            .Run(CoordinatedShutdown.ClusterLeavingReason.Instance)
            .WaitAsync(AskTimeout);

        Assert.All(await Homes(regions[1], 40), home => Assert.Equal(Port(systems[1]), home));
    }

    [Fact]
    public async Task Shards_move_to_a_node_that_joins_until_numbers_are_even()
    {
        var systems = await _cluster.Form(1);
        var region = _cluster.StartRegion(systems[0]);
        await Homes(region, 60);

        var joined = await _cluster.Join(systems[0]);
        var second = _cluster.StartRegion(joined);

        await Eventually.TrueAsync(async () =>
        {
            var stats = await Stats(second);
            return stats.Regions.Count == 2
                && (await Homes(region, 60)).Contains(Port(joined))
                && stats.Regions.Values.All(each => each.Stats.Count == 5);
        });
    }

    [Fact]
    public async Task A_proxy_passes_messages_on_and_hosts_nothing()
    {
        var systems = await _cluster.Form(1, "\nakka.cluster.roles = [host]");
        _cluster.StartRegion(systems[0], settings => settings.WithRole("host"));
        var other = await _cluster.Join(systems[0]);
        var proxy = ClusterSharding.Get(other).StartProxy(TypeName, "host", Extractor);

        Assert.All(await Homes(proxy, 20), home => Assert.Equal(Port(systems[0]), home));
        Assert.Same(proxy, ClusterSharding.Get(other).ShardRegionProxy(TypeName));
    }

    [Fact]
    public async Task A_region_without_a_cluster_keeps_messages_until_there_is_one()
    {
        var system = _cluster.StartSystem();
        var region = _cluster.StartRegion(system);
        for (var number = 0; number < 50; number++)
            region.Tell($"e1:{number}");

        Cluster.Get(system).Join(Cluster.Get(system).SelfAddress);

        await Eventually.TrueAsync(() => Received().Count == 50);
        Assert.Equal(Enumerable.Range(0, 50), Received());
    }

    [Fact]
    public async Task An_entity_that_passivates_loses_no_message_and_starts_again_with_the_next()
    {
        var systems = await _cluster.Form(1);
        var region = _cluster.StartRegion(systems[0]);
        region.Tell("e1:passivate");
        for (var number = 0; number < 100; number++)
            region.Tell($"e1:{number}");

        await Eventually.TrueAsync(() => Received().Count == 100);
        Assert.Equal(Enumerable.Range(0, 100), Received());
        Assert.Contains($"end e1 {Port(systems[0])}", _cluster.Life);
    }

    [Fact]
    public async Task An_idle_entity_is_stopped()
    {
        var systems = await _cluster.Form(1);
        var region = _cluster.StartRegion(
            systems[0],
            settings => settings.WithPassivateIdleAfter(TimeSpan.FromMilliseconds(300))
        );
        await region.Ask<string>("e1:where", AskTimeout);

        await Eventually.TrueAsync(() => _cluster.Life.Contains($"end e1 {Port(systems[0])}"));
        Assert.Equal(Port(systems[0]), await region.Ask<string>("e1:where", AskTimeout));
    }

    [Fact]
    public async Task Regions_tell_their_state_and_the_cluster_its_statistics()
    {
        var systems = await _cluster.Form(2);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[0], 2);
        await Homes(regions[0], 30);

        var stats = await Stats(regions[1]);
        Assert.Equal(
            systems.Select(s => Cluster.Get(s).SelfAddress).ToImmutableHashSet(),
            stats.Regions.Keys.ToImmutableHashSet()
        );
        Assert.Equal(30, stats.Regions.Values.Sum(each => each.Stats.Values.Sum()));
        var own = await regions[0].Ask<ShardRegionStats>(GetShardRegionStats.Instance, AskTimeout);
        Assert.Equal(stats.Regions[Cluster.Get(systems[0]).SelfAddress], own);
        var state = await regions[0].Ask<CurrentShardRegionState>(GetShardRegionState.Instance, AskTimeout);
        Assert.Equal(
            own.Stats,
            state.Shards.ToImmutableDictionary(shard => shard.ShardId, shard => shard.EntityIds.Count)
        );
        Assert.Empty(state.Failed);
    }

    [Fact]
    public async Task A_region_that_is_asked_to_shuts_down_and_its_entities_answer_elsewhere()
    {
        var systems = await _cluster.Form(2);
        var regions = systems.Select(system => _cluster.StartRegion(system)).ToArray();
        await UntilRegions(regions[0], 2);
        await Homes(regions[0], 20);

        var stopped = regions[1].WatchAsync();
        regions[1].Tell(GracefulShutdown.Instance);

        Assert.True(await stopped.WaitAsync(AskTimeout));
        Assert.All(await Homes(regions[0], 20), home => Assert.Equal(Port(systems[0]), home));
    }

    [Fact]
    public async Task The_coordinator_remembers_homes_when_every_node_was_gone()
    {
        var first = await _cluster.Form(1);
        var region = _cluster.StartRegion(first[0]);
        await Homes(region, 10);
        await Nodes.Kill(first[0]);

        var second = await _cluster.Form(1);
        Assert.All(await Homes(_cluster.StartRegion(second[0]), 10), home => Assert.Equal(Port(second[0]), home));
    }

    private static Task<ClusterShardingStats> Stats(IActorRef region) =>
        Query<ClusterShardingStats>(region, new GetClusterShardingStats(TimeSpan.FromSeconds(5)));

    private static Task UntilRegions(IActorRef region, int count) =>
        Eventually.TrueAsync(async () =>
            (await Query<CurrentRegions>(region, GetCurrentRegions.Instance)).Regions.Count == count
        );

    // A region that does not know the coordinator yet does not answer.
    private static async Task<T> Query<T>(IActorRef region, object query)
    {
        while (true)
        {
            try
            {
                return await region.Ask<T>(query, TimeSpan.FromSeconds(1));
            }
            catch (AskTimeoutException)
            {
                // Asked again.
            }
        }
    }

    private List<int> Received() =>
        [
            .. _cluster
                .Life.Select(line => line.Split(' '))
                .Where(words => words.Length == 2 && words[0][0] == 'e')
                .Select(words => int.Parse(words[1], CultureInfo.InvariantCulture)),
        ];
}
