using Akka.Actor;

namespace Akka.Cluster;

/// <summary>Leaves the decision to operators.</summary>
public sealed class NoDowning : IDowningProvider
{
    private readonly Cluster _cluster;

    /// <summary>Made by the cluster.</summary>
    public NoDowning(ActorSystem system, Cluster cluster) => _cluster = cluster;

    /// <inheritdoc/>
    public TimeSpan DownRemovalMargin => _cluster.Settings.DownRemovalMargin ?? TimeSpan.Zero;

    /// <inheritdoc/>
    public Props? DowningActorProps => null;
}
