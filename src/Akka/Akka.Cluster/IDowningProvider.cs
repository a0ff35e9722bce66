using Akka.Actor;

namespace Akka.Cluster;

/// <summary>Decides about members that cannot be reached. Made by a constructor that takes the system and the cluster.</summary>
public interface IDowningProvider
{
    /// <summary>How long singletons and shards wait after a member was removed as dead.</summary>
    TimeSpan DownRemovalMargin { get; }

    /// <summary>The actor that decides, started with the cluster; null for none.</summary>
    Props? DowningActorProps { get; }
}
