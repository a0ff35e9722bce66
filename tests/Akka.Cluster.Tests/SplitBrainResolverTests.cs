using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.SBR;
using Akka.Cluster.Tests.Support;
using Akka.Configuration;
using Akka.Coordination;
using Hatchery.Testing;

namespace Akka.Cluster.Tests;

public sealed class SplitBrainResolverTests : IAsyncLifetime
{
    private const string Resolver = """
        akka.cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
        akka.cluster.split-brain-resolver.stable-after = 2s
        # On a machine that is busy with other tests nobody is to be taken for dead who is not.
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 4s
        """;

    private readonly Nodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task The_larger_part_removes_a_node_that_died()
    {
        var systems = await _nodes.Form(3, Resolver);

        await Nodes.Kill(systems[1]);

        await Eventually.TrueAsync(() => Cluster.Get(systems[0]).State.Members.Count == 2);
        await Eventually.TrueAsync(() => Cluster.Get(systems[2]).State.Members.Count == 2);
    }

    [Fact]
    public async Task A_node_that_is_left_without_a_quorum_ends()
    {
        var systems = await _nodes.Form(
            3,
            Resolver
                + """

                akka.cluster.split-brain-resolver { active-strategy = static-quorum, static-quorum.quorum-size = 2 }
                """
        );

        await Task.WhenAll(Nodes.Kill(systems[0]), Nodes.Kill(systems[1]));

        await systems[2].WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.IsType<CoordinatedShutdown.ClusterDowningReason>(CoordinatedShutdown.Get(systems[2]).ShutdownReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_nodes_the_one_that_gets_the_lease_stays(bool free)
    {
        var name = Guid.NewGuid().ToString("N");
        var systems = await _nodes.Form(
            2,
            Resolver
                + $$"""

                akka.cluster.split-brain-resolver {
                  active-strategy = lease-majority
                  lease-majority { lease-implementation = test-lease, lease-name = "{{name}}", acquire-lease-delay-for-minority = 100ms }
                }
                test-lease.lease-class = "Akka.Cluster.Tests.SplitBrainResolverTests+TestLease, Akka.Cluster.Tests"
                """
        );
        var cluster = Cluster.Get(systems[1]);
        if (!free)
            TestLease.Holders[name] = "somebody else";

        await Nodes.Kill(systems[0]);

        if (free)
        {
            await Eventually.TrueAsync(() => cluster.State.Members.Count == 1);
            Assert.Equal(cluster.SelfAddress.HostPort(), TestLease.Holders[name]);
            Assert.True(cluster.IsUp);
        }
        else
            await systems[1].WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Settings_have_the_documented_defaults()
    {
        var system = _nodes.Start(Resolver);

        var settings = new SplitBrainResolverSettings(
            ConfigurationFactory
                .ParseString("akka.cluster.split-brain-resolver.stable-after = 20s")
                .WithFallback(system.Settings.Config)
        );

        Assert.Equal("keep-majority", settings.DowningStrategy);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.DowningStableAfter);
        // Three quarters of it.
        Assert.Equal(TimeSpan.FromSeconds(15), settings.DownAllWhenUnstable);
        Assert.True(settings.KeepOldestSettings.DownIfAlone);
        Assert.Equal(TimeSpan.FromSeconds(2), Cluster.Get(system).DowningProvider.DownRemovalMargin);
    }

    [Theory]
    [InlineData("stable-after = 2s", 4)]
    [InlineData("down-all-when-unstable = 9s", 9)]
    [InlineData("down-all-when-unstable = off", 0)]
    public void How_long_things_may_go_on_changing(string setting, int seconds)
    {
        var system = _nodes.Start(Resolver);

        var settings = new SplitBrainResolverSettings(
            ConfigurationFactory
                .ParseString($"akka.cluster.split-brain-resolver {{ {setting} }}")
                .WithFallback(system.Settings.Config)
        );

        Assert.Equal(TimeSpan.FromSeconds(seconds), settings.DownAllWhenUnstable);
    }

    public sealed class TestLease(LeaseSettings settings) : Lease(settings)
    {
        public static ConcurrentDictionary<string, string> Holders { get; } = new();

        public override Task<bool> Acquire() =>
            Task.FromResult(Holders.GetOrAdd(Settings.LeaseName, Settings.OwnerName) == Settings.OwnerName);

        public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Acquire();

        public override Task<bool> Release() =>
            Task.FromResult(Holders.TryRemove(KeyValuePair.Create(Settings.LeaseName, Settings.OwnerName)));

        public override bool CheckLease() =>
            Holders.TryGetValue(Settings.LeaseName, out var holder) && holder == Settings.OwnerName;
    }
}
