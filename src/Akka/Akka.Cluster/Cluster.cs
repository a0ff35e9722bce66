using Akka.Actor;

namespace Akka.Cluster;

/// <summary>The cluster that a system is, or wants to be, a member of.</summary>
public class Cluster : IExtension
{
    internal Cluster(ClusterSettings settings) => Settings = settings;

    /// <summary>The settings.</summary>
    public ClusterSettings Settings { get; }
}
