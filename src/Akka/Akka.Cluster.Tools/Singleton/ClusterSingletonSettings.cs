using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>The settings of manager and proxy together.</summary>
public class ClusterSingletonSettings : INoSerializationVerificationNeeded
{
    private readonly ClusterSingletonManagerSettings _manager;
    private readonly ClusterSingletonProxySettings _proxy;

    private ClusterSingletonSettings(ClusterSingletonManagerSettings manager, ClusterSingletonProxySettings proxy)
    {
        _manager = manager;
        _proxy = proxy;
    }

    /// <summary>Null for every member.</summary>
    public string? Role => _manager.Role;

    public TimeSpan SingletonIdentificationInterval => _proxy.SingletonIdentificationInterval;

    public TimeSpan RemovalMargin => _manager.RemovalMargin;

    public TimeSpan HandOverRetryInterval => _manager.HandOverRetryInterval;

    public int BufferSize => _proxy.BufferSize;

    /// <summary>Null for none.</summary>
    public LeaseUsageSettings? LeaseSettings => _manager.LeaseSettings;

    public static ClusterSingletonSettings Create(ActorSystem system) =>
        new(ClusterSingletonManagerSettings.Create(system), ClusterSingletonProxySettings.Create(system));

    /// <param name="config">All of the configuration.</param>
    public static ClusterSingletonSettings Create(Config config)
    {
        var all = config.WithFallback(ClusterSingletonManager.DefaultConfig());
        return new(
            ClusterSingletonManagerSettings.Create(all.GetConfig("akka.cluster.singleton")!),
            ClusterSingletonProxySettings.Create(all.GetConfig("akka.cluster.singleton-proxy")!, false)
        );
    }

    public ClusterSingletonSettings WithRole(string? role) => new(_manager.WithRole(role), _proxy.WithRole(role));

    public ClusterSingletonSettings WithRemovalMargin(TimeSpan removalMargin) =>
        new(_manager.WithRemovalMargin(removalMargin), _proxy);

    public ClusterSingletonSettings WithHandOverRetryInterval(TimeSpan handOverRetryInterval) =>
        new(_manager.WithHandOverRetryInterval(handOverRetryInterval), _proxy);

    public ClusterSingletonSettings WithLeaseSettings(LeaseUsageSettings? leaseSettings) =>
        new(_manager.WithLeaseSettings(leaseSettings), _proxy);

    internal ClusterSingletonManagerSettings ForManager(string name) => _manager.WithSingletonName(name);

    internal ClusterSingletonProxySettings ForProxy(string name) => _proxy.WithSingletonName(name).WithRole(Role);
}
