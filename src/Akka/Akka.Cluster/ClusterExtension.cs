using Akka.Actor;

namespace Akka.Cluster;

/// <summary>The id of <see cref="Cluster"/>.</summary>
public class ClusterExtension : ExtensionIdProvider<Cluster>
{
    /// <inheritdoc/>
    public override Cluster CreateExtension(ExtendedActorSystem system) => new((Actor.Internal.ActorSystemImpl)system);
}
