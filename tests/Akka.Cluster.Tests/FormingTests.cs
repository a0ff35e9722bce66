using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster.Tests.Support;
using Akka.Event;
using Hatchery.Testing;

namespace Akka.Cluster.Tests;

public sealed class FormingTests : IAsyncLifetime
{
    private readonly Nodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task A_node_that_joins_itself_founds_a_cluster_and_leads_it()
    {
        var cluster = Cluster.Get(_nodes.Start("akka.cluster.roles = [boot]"));
        Assert.Equal(MemberStatus.Removed, cluster.SelfMember.Status);

        await cluster.JoinAsync(cluster.SelfAddress);

        await Eventually.TrueAsync(() => cluster.State.Leader is not null);
        Assert.True(cluster.IsUp);
        Assert.Equal(cluster.SelfAddress, cluster.State.Leader);
        Assert.Equal(cluster.SelfAddress, cluster.State.RoleLeader("boot"));
        Assert.Null(cluster.State.RoleLeader("other"));
        Assert.Equal(cluster.SelfUniqueAddress, Assert.Single(cluster.State.Members).UniqueAddress);
        Assert.Equal(["boot"], cluster.SelfMember.Roles);
    }

    [Fact]
    public async Task A_node_whose_serialization_is_asked_for_before_its_cluster_is_there_joins_all_the_same()
    {
        // As by a message that comes while the system starts.
        var hasty = $"""akka.loggers = ["{typeof(HastyLogger).AssemblyQualifiedName}"]""";
        var systems = await _nodes.Form(2, hasty);

        Assert.All(systems, system => Assert.True(Cluster.Get(system).IsUp));
    }

    [Fact]
    public async Task All_nodes_come_to_the_same_state()
    {
        var systems = await _nodes.Form(4);
        var clusters = systems.Select(Cluster.Get).ToArray();

        await Eventually.TrueAsync(() =>
            clusters.All(cluster =>
                cluster.State.SeenBy.Count == 4 && Equals(cluster.State.Leader, clusters[0].State.Leader)
            )
        );
        var leader = clusters.Select(cluster => cluster.SelfAddress).Min(Member.AddressOrdering);
        Assert.All(clusters, cluster => Assert.Equal(leader, cluster.State.Leader));
        // The founder is the oldest, everywhere.
        Assert.All(
            clusters,
            cluster => Assert.Equal(clusters[0].SelfAddress, cluster.State.Members.Min(Member.AgeOrdering)!.Address)
        );
    }

    [Fact]
    public async Task Nodes_with_the_same_seeds_found_one_cluster_whatever_starts_first()
    {
        var ports = FreePorts(2);
        var seeds = string.Join(", ", ports.Select(port => $"\"akka.tcp://farm@127.0.0.1:{port}\""));
        var config = $"akka.cluster.seed-nodes = [{seeds}]";

        var systems = new[] { _nodes.Start(config), _nodes.Start(config, ports[1]), _nodes.Start(config, ports[0]) };

        foreach (var system in systems)
            await Nodes.UntilUp(system, 3);
    }

    [Fact]
    public async Task A_first_seed_that_starts_again_joins_the_cluster_that_is_there()
    {
        var ports = FreePorts(2);
        var seeds = string.Join(", ", ports.Select(port => $"\"akka.tcp://farm@127.0.0.1:{port}\""));
        var config = $"akka.cluster.seed-nodes = [{seeds}]";
        var first = _nodes.Start(config, ports[0]);
        var second = _nodes.Start(config, ports[1]);
        await Nodes.UntilUp(second, 2);
        var before = Cluster.Get(first).SelfUniqueAddress;

        await Nodes.Kill(first);
        var again = _nodes.Start(config, ports[0]);

        await Nodes.UntilUp(again, 2);
        await Nodes.UntilUp(second, 2);
        Assert.NotEqual(before, Cluster.Get(again).SelfUniqueAddress);
        Assert.DoesNotContain(Cluster.Get(second).State.Members, member => member.UniqueAddress.Equals(before));
        // The other one is older now.
        Assert.Equal(
            Cluster.Get(second).SelfUniqueAddress,
            Cluster.Get(again).State.Members.Min(Member.AgeOrdering)!.UniqueAddress
        );
    }

    [Fact]
    public async Task Nobody_is_Up_before_enough_members_are_there()
    {
        const string Config = "akka.cluster.min-nr-of-members = 2, akka.cluster.role.store.min-nr-of-members = 1";
        var first = Cluster.Get(_nodes.Start(Config));
        first.Join(first.SelfAddress);
        var second = Cluster.Get(_nodes.Start(Config));
        second.Join(first.SelfAddress);
        await Eventually.TrueAsync(() => first.State.Members.Count == 2 && first.State.SeenBy.Count == 2);
        Assert.All(first.State.Members, member => Assert.Equal(MemberStatus.Joining, member.Status));

        var third = Cluster.Get(_nodes.Start(Config + ", akka.cluster.roles = [store]"));
        third.Join(first.SelfAddress);

        await Nodes.UntilUp(first.System, 3);
    }

    [Fact]
    public async Task A_node_that_no_seed_takes_in_gives_up_after_its_time()
    {
        var port = FreePorts(1)[0];
        var system = _nodes.Start(
            $"akka.cluster {{ seed-nodes = [\"akka.tcp://farm@127.0.0.1:{port}\"], shutdown-after-unsuccessful-join-seed-nodes = 2s }}"
        );

        await system.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.IsType<CoordinatedShutdown.ClusterJoinUnsuccessfulReason>(
            CoordinatedShutdown.Get(system).ShutdownReason
        );
    }

    [Fact]
    public async Task A_node_of_another_system_is_not_taken_in()
    {
        var cluster = Cluster.Get((await _nodes.Form(1))[0]);
        var stranger = _nodes.Start(name: "another");

        Cluster.Get(stranger).Join(cluster.SelfAddress);
        await _nodes.JoinTo(cluster);

        Assert.Equal(2, cluster.State.Members.Count);
        Assert.Empty(Cluster.Get(stranger).State.Members);
    }

    [Fact]
    public async Task A_join_that_nobody_answers_fails_in_its_time()
    {
        var cluster = Cluster.Get(_nodes.Start());
        var nobody = cluster.SelfAddress.WithPort(FreePorts(1)[0]);

        await Assert.ThrowsAsync<ClusterJoinFailedException>(() => cluster.JoinAsync(nobody));
        await Assert.ThrowsAsync<ClusterJoinFailedException>(() => cluster.JoinSeedNodesAsync([nobody]));
    }

    [Fact]
    public void A_wrong_setting_stops_the_start_and_leaves_the_port_free()
    {
        var port = FreePorts(1)[0];
        const string Wrong = """
            akka.cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            akka.cluster.split-brain-resolver.active-strategy = keep-calm
            """;

        Assert.ThrowsAny<Exception>(() => _nodes.Start(Wrong, port));

        Assert.Equal(port, Cluster.Get(_nodes.Start(port: port)).SelfAddress.Port);
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
            listener.Stop();
        return ports;
    }

    /// <summary>Loggers start before everything else.</summary>
    public sealed class HastyLogger : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not InitializeLogger)
                return;
            Assert.NotNull(((ExtendedActorSystem)Context.System).Serialization);
            Sender.Tell(new LoggerInitialized());
        }
    }
}
