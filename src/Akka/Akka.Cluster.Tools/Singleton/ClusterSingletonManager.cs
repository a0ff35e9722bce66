using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Runs one actor in the whole cluster, on the oldest member, and hands it over when that member leaves. Started under the same
/// path on every member (with the role); the singleton is its child.
/// </summary>
public sealed class ClusterSingletonManager
{
    private ClusterSingletonManager() { }

    /// <summary>The defaults of <c>akka.cluster.singleton</c> and <c>akka.cluster.singleton-proxy</c>.</summary>
    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource(
            "Akka.Cluster.Tools.singleton.conf",
            typeof(ClusterSingletonManager).Assembly
        );

    /// <summary>A manager whose singleton is stopped with <see cref="PoisonPill"/>.</summary>
    public static Props Props(Props singletonProps, ClusterSingletonManagerSettings settings) =>
        Props(singletonProps, PoisonPill.Instance, settings);

    /// <param name="singletonProps">How the singleton is made.</param>
    /// <param name="terminationMessage">What it is sent to stop itself before it starts elsewhere.</param>
    /// <param name="settings">Where it runs and how it moves.</param>
    public static Props Props(
        Props singletonProps,
        object terminationMessage,
        ClusterSingletonManagerSettings settings
    ) =>
        Actor
            .Props.Create(() => new SingletonManager(singletonProps, terminationMessage, settings))
            .WithDeploy(Deploy.Local);
}
