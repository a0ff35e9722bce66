using Akka.Actor;
using Akka.Cluster.Sharding.Tests.Support;
using Akka.Coordination;
using Hatchery.Testing;
using static Akka.Cluster.Sharding.Tests.Support.ShardedCluster;

namespace Akka.Cluster.Sharding.Tests;

public sealed class LeaseTests : IAsyncLifetime
{
    private const string LeaseConfig = """

        akka.cluster.sharding { use-lease = process-lease, lease-retry-interval = 200ms, shard-failure-backoff = 200ms }
        process-lease.lease-class = "Akka.Cluster.Sharding.Tests.Support.ProcessLease, Akka.Cluster.Sharding.Tests"
        """;

    private readonly ShardedCluster _cluster = new();

    private static string NameOf(string entity) => $"farm-shard-{TypeName}-{Extractor.ShardId(entity)}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var name in ProcessLease.Names("farm"))
            ProcessLease.GiveBack(name);
    }

    [Fact]
    public async Task A_shard_holds_its_lease_and_gives_it_back_when_it_moves()
    {
        var systems = await _cluster.Form(2, LeaseConfig);
        var first = _cluster.StartRegion(systems[0]);
        await Ask(first, "e1:where");
        Assert.Equal(Owner(systems[0]), ProcessLease.Holder(NameOf("e1")));

        var second = _cluster.StartRegion(systems[1]);
        var stopped = first.WatchAsync();
        first.Tell(GracefulShutdown.Instance);

        Assert.True(await stopped.WaitAsync(AskTimeout));
        Assert.Equal(Port(systems[1]), await Ask(second, "e1:where"));
        Assert.Equal(Owner(systems[1]), ProcessLease.Holder(NameOf("e1")));
    }

    [Fact]
    public async Task A_shard_whose_lease_is_lost_stops_its_entities_and_comes_back_with_the_lease()
    {
        var systems = await _cluster.Form(1, LeaseConfig);
        var region = _cluster.StartRegion(systems[0]);
        await Ask(region, "e1:where");

        ProcessLease.TakeAway(NameOf("e1"));

        await Eventually.TrueAsync(() => _cluster.Life.Contains($"end e1 {Port(systems[0])}"));
        var answer = region.Ask<string>("e1:where", AskTimeout);
        ProcessLease.GiveBack(NameOf("e1"));
        Assert.Equal(Port(systems[0]), await answer);
        Assert.Equal(2, _cluster.Life.Count(line => line == $"start e1 {Port(systems[0])}"));
    }

    [Fact]
    public async Task No_entity_starts_while_somebody_else_holds_the_lease()
    {
        var systems = await _cluster.Form(1, LeaseConfig);
        var settings = new LeaseSettings(
            NameOf("e1"),
            "somebody else",
            new TimeoutSettings(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)),
            Configuration.Config.Empty
        );
        await new ProcessLease(settings).Acquire();
        var region = _cluster.StartRegion(systems[0]);

        var waiting = region.Ask<string>("e1:where", AskTimeout);
        // An entity of another shard answers meanwhile.
        var another = Enumerable.Range(2, 50).Select(i => $"e{i}").First(id => NameOf(id) != NameOf("e1"));
        await region.Ask<string>($"{another}:where", AskTimeout);
        Assert.False(waiting.IsCompleted);
        Assert.DoesNotContain(_cluster.Life, line => line.StartsWith("start e1 ", StringComparison.Ordinal));

        ProcessLease.GiveBack(NameOf("e1"));
        Assert.Equal(Port(systems[0]), await waiting);
    }

    private static string Owner(ActorSystem system)
    {
        var address = Cluster.Get(system).SelfAddress;
        return $"farm@{address.Host}:{address.Port}";
    }
}
