using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Tests.Singleton;

public sealed class SettingsTests
{
    [Fact]
    public void The_manager_has_the_documented_defaults()
    {
        var config = ClusterSingletonManager.DefaultConfig().GetConfig("akka.cluster.singleton")!;
        var settings = ClusterSingletonManagerSettings.Create(config);

        Assert.Equal("singleton", settings.SingletonName);
        Assert.True(string.IsNullOrEmpty(settings.Role));
        Assert.Equal(TimeSpan.FromSeconds(1), settings.HandOverRetryInterval);
        Assert.Null(settings.LeaseSettings);
    }

    [Fact]
    public void The_proxy_has_the_documented_defaults()
    {
        var config = ClusterSingletonProxy.DefaultConfig().GetConfig("akka.cluster.singleton-proxy")!;
        var settings = ClusterSingletonProxySettings.Create(config, considerAppVersion: false);

        Assert.Equal("singleton", settings.SingletonName);
        Assert.Equal(1000, settings.BufferSize);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.SingletonIdentificationInterval);
    }

    [Fact]
    public void A_lease_is_used_where_one_is_named()
    {
        var config = ConfigurationFactory
            .ParseString("use-lease = my-lease, lease-retry-interval = 2s, role = a")
            .WithFallback(ClusterSingletonManager.DefaultConfig().GetConfig("akka.cluster.singleton")!);
        var settings = ClusterSingletonManagerSettings.Create(config);

        Assert.Equal("my-lease", settings.LeaseSettings!.LeaseImplementation);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.LeaseSettings!.LeaseRetryInterval);
        Assert.Equal("a", settings.Role);
    }

    [Fact]
    public void Each_with_changes_one_setting_and_leaves_the_others()
    {
        var config = ClusterSingletonManager.DefaultConfig().GetConfig("akka.cluster.singleton")!;
        var settings = ClusterSingletonManagerSettings
            .Create(config)
            .WithRole("a")
            .WithSingletonName("one")
            .WithHandOverRetryInterval(TimeSpan.FromSeconds(3))
            .WithRemovalMargin(TimeSpan.FromSeconds(4));

        Assert.Equal("a", settings.Role);
        Assert.Equal("one", settings.SingletonName);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.HandOverRetryInterval);
        Assert.Equal(TimeSpan.FromSeconds(4), settings.RemovalMargin);
    }

    [Fact]
    public void A_buffer_has_to_be_between_none_and_ten_thousand()
    {
        var config = ClusterSingletonProxy.DefaultConfig().GetConfig("akka.cluster.singleton-proxy")!;
        var settings = ClusterSingletonProxySettings.Create(config, considerAppVersion: false);

        Assert.ThrowsAny<ArgumentException>(() => settings.WithBufferSize(-1));
        Assert.ThrowsAny<ArgumentException>(() => settings.WithBufferSize(10_001));
    }
}
