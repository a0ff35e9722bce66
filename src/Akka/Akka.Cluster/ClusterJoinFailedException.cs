using Akka.Actor;

namespace Akka.Cluster;

/// <summary>A node was not taken in within its time.</summary>
public class ClusterJoinFailedException : AkkaException
{
    /// <summary>Says which.</summary>
    public ClusterJoinFailedException(string message)
        : base(message) { }
}
