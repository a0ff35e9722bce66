using Akka.Actor;
using Akka.Configuration;

namespace Akka.Coordination.Tests;

public sealed class LeaseProviderTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "leases",
        ConfigurationFactory.ParseString(
            """
            mine {
              lease-class = "Akka.Coordination.Tests.LeaseProviderTests+SettingsLease, Akka.Coordination.Tests"
              key = value
              heartbeat-timeout = 30s
              heartbeat-interval = 3s
            }
            theirs.lease-class = "Akka.Coordination.Tests.LeaseProviderTests+SystemLease, Akka.Coordination.Tests"
            empty { key = value }
            wrong.lease-class = "System.String"
            """
        )
    );

    public void Dispose() => _system.Dispose();

    [Fact]
    public void A_lease_knows_its_name_its_owner_and_its_section()
    {
        var lease = LeaseProvider.Get(_system).GetLease("sbr", "mine", "node-1");

        Assert.IsType<SettingsLease>(lease);
        Assert.Equal("sbr", lease.Settings.LeaseName);
        Assert.Equal("node-1", lease.Settings.OwnerName);
        Assert.Equal("value", lease.Settings.LeaseConfig.GetString("key"));
        Assert.Equal(TimeSpan.FromSeconds(30), lease.Settings.TimeoutSettings.HeartbeatTimeout);
        // What the section does not say, the defaults do.
        Assert.Equal(TimeSpan.FromSeconds(5), lease.Settings.TimeoutSettings.OperationTimeout);
    }

    [Fact]
    public void An_implementation_may_want_the_system() =>
        Assert.Same(
            _system,
            Assert.IsType<SystemLease>(LeaseProvider.Get(_system).GetLease("sbr", "theirs", "node-1")).System
        );

    [Fact]
    public void A_lease_is_made_once_for_each_name_section_and_owner()
    {
        var provider = LeaseProvider.Get(_system);
        var lease = provider.GetLease("a", "mine", "node-1");

        Assert.Same(lease, provider.GetLease("a", "mine", "node-1"));
        Assert.NotSame(lease, provider.GetLease("b", "mine", "node-1"));
        Assert.NotSame(lease, provider.GetLease("a", "theirs", "node-1"));
        Assert.NotSame(lease, provider.GetLease("a", "mine", "node-2"));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("wrong")]
    [InlineData("absent")]
    public void A_section_without_an_implementation_is_an_error(string section) =>
        Assert.ThrowsAny<Exception>(() => LeaseProvider.Get(_system).GetLease("a", section, "node-1"));

    [Fact]
    public void The_interval_of_heartbeats_has_to_leave_room_for_a_second_one()
    {
        var config = ConfigurationFactory.ParseString(
            "heartbeat-timeout = 10s, heartbeat-interval = 5s, lease-operation-timeout = 1s"
        );

        Assert.Throws<ArgumentException>(() => TimeoutSettings.Create(config));
    }

    [Fact]
    public void Without_an_interval_it_is_a_tenth_of_the_time_out()
    {
        var config = ConfigurationFactory.ParseString(
            "heartbeat-timeout = 100s, heartbeat-interval = \"\", lease-operation-timeout = 1s"
        );

        Assert.Equal(TimeSpan.FromSeconds(10), TimeoutSettings.Create(config).HeartbeatInterval);
    }

    private sealed class SettingsLease(LeaseSettings settings) : FreeLease(settings);

    private sealed class SystemLease(LeaseSettings settings, ExtendedActorSystem system) : FreeLease(settings)
    {
        public ActorSystem System => system;
    }

    private abstract class FreeLease(LeaseSettings settings) : Lease(settings)
    {
        public override Task<bool> Acquire() => Task.FromResult(true);

        public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Task.FromResult(true);

        public override Task<bool> Release() => Task.FromResult(true);

        public override bool CheckLease() => true;
    }
}
