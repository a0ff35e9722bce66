using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace Akka.Coordination.Tests;

public sealed class LeaseProviderTests()
    : TestKit.Xunit2.TestKit(
        """
        lease-a {
          lease-class = "Akka.Coordination.Tests.RecordingLease, Akka.Coordination.Tests"
          heartbeat-timeout = 20s
          colour = green
        }
        lease-b.lease-class = "Akka.Coordination.Tests.LeaseWithSystem, Akka.Coordination.Tests"
        no-class { heartbeat-timeout = 20s }
        no-lease.lease-class = "System.String"
        """
    )
{
    private LeaseProvider Provider => LeaseProvider.Get(Sys);

    [Fact]
    public void A_lease_has_its_names_and_the_settings_of_its_section_over_the_defaults()
    {
        var settings = Provider.GetLease("shard-1", "lease-a", "node-1").Settings;

        Assert.Equal("shard-1", settings.LeaseName);
        Assert.Equal("node-1", settings.OwnerName);
        Assert.Equal("green", settings.LeaseConfig.GetString("colour"));
        Assert.Equal(TimeSpan.FromSeconds(20), settings.TimeoutSettings.HeartbeatTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.TimeoutSettings.OperationTimeout);
    }

    [Fact]
    public void The_interval_is_a_tenth_of_the_timeout_and_five_seconds_at_least()
    {
        var twenty = Provider.GetLease("a", "lease-a", "n").Settings.TimeoutSettings;
        var twoMinutes = Provider.GetLease("a", "lease-b", "n").Settings.TimeoutSettings;

        Assert.Equal(TimeSpan.FromSeconds(5), twenty.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromSeconds(12), twoMinutes.HeartbeatInterval);
    }

    [Fact]
    public void The_same_names_are_the_same_lease_and_other_names_another()
    {
        var lease = Provider.GetLease("shard-1", "lease-a", "node-1");

        Assert.Same(lease, Provider.GetLease("shard-1", "lease-a", "node-1"));
        Assert.NotSame(lease, Provider.GetLease("shard-2", "lease-a", "node-1"));
        Assert.NotSame(lease, Provider.GetLease("shard-1", "lease-a", "node-2"));
    }

    [Fact]
    public void A_lease_may_take_the_system() =>
        Assert.Same(Sys, Assert.IsType<LeaseWithSystem>(Provider.GetLease("a", "lease-b", "n")).System);

    [Theory]
    [InlineData("missing")]
    [InlineData("no-class")]
    [InlineData("no-lease")]
    public void A_section_that_is_missing_or_names_no_lease_is_an_error(string path) =>
        Assert.ThrowsAny<Exception>(() => Provider.GetLease("a", path, "n"));

    [Fact]
    public void An_interval_of_more_than_half_of_the_timeout_is_an_error() =>
        Assert.Throws<ArgumentException>(() =>
            new TimeoutSettings(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1))
        );
}

public sealed class RecordingLease(LeaseSettings settings) : Lease(settings)
{
    public override Task<bool> Acquire() => Acquire(_ => { });

    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Task.FromResult(true);

    public override Task<bool> Release() => Task.FromResult(true);

    public override bool CheckLease() => true;
}

public sealed class LeaseWithSystem(LeaseSettings settings, ExtendedActorSystem system) : Lease(settings)
{
    public ActorSystem System { get; } = system;

    public override Task<bool> Acquire() => Acquire(_ => { });

    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Task.FromResult(true);

    public override Task<bool> Release() => Task.FromResult(true);

    public override bool CheckLease() => true;
}
