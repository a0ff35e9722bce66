using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Passes messages on to the singleton, wherever it runs, and keeps a bounded number of them while it runs nowhere.</summary>
public sealed class ClusterSingletonProxy
{
    private ClusterSingletonProxy() { }

    /// <inheritdoc cref="ClusterSingletonManager.DefaultConfig"/>
    public static Config DefaultConfig() => ClusterSingletonManager.DefaultConfig();

    /// <param name="singletonManagerPath">The manager's path, such as <c>/user/singleton</c>.</param>
    /// <param name="settings">How the singleton is found.</param>
    public static Props Props(string singletonManagerPath, ClusterSingletonProxySettings settings) =>
        Actor.Props.Create(() => new SingletonProxy(singletonManagerPath, settings)).WithDeploy(Deploy.Local);
}
