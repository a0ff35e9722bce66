using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>Makes and resolves references in a system that is, or wants to be, a member of a cluster.</summary>
public interface IClusterActorRefProvider : IRemoteActorRefProvider;

/// <summary>Makes and resolves references in a system that is, or wants to be, a member of a cluster.</summary>
public class ClusterActorRefProvider : RemoteActorRefProvider, IClusterActorRefProvider
{
    /// <summary>Made by the system.</summary>
    public ClusterActorRefProvider(string systemName, Settings settings, EventStream eventStream)
        : base(systemName, settings, eventStream) =>
        // Before remoting begins: a message that comes earlier than the cluster has what all serializers are made from.
        settings.InjectTopLevelFallback(Cluster.DefaultConfig());

    /// <inheritdoc/>
    public override void Init(ActorSystemImpl system)
    {
        base.Init(system);
        try
        {
            RemoteWatcher.Tell(new ClusterRemoteWatcher.Follow(Cluster.Get(system)));
        }
        catch
        {
            // A wrong setting of the cluster is found here: the port is not to stay taken by a system that never was.
            Transport.Shutdown().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override IActorRef CreateRemoteWatcher(ActorSystemImpl system) =>
        system.SystemActorOf(
            RemoteSettings.ConfigureDispatcher(
                Props.Create(
                    typeof(ClusterRemoteWatcher),
                    CreateRemoteWatcherFailureDetector(system),
                    RemoteSettings.WatchHeartBeatInterval,
                    RemoteSettings.WatchUnreachableReaperInterval,
                    RemoteSettings.WatchHeartbeatExpectedResponseAfter
                )
            ),
            "remote-watcher"
        );
}
