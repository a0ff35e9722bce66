using Akka.Actor;
using Akka.Cluster.Protocol;

namespace Akka.Cluster.Daemon;

/// <summary>Asks other nodes for signs of life. An actor of its own: gossip must not hold it up.</summary>
internal sealed class HeartbeatSender : UntypedActor, IWithTimers
{
    public const string Name = "heartbeatSender";

    private readonly Cluster _cluster;
    private readonly HeartbeatMonitor _monitor;
    private long _sequence;

    public HeartbeatSender(Cluster cluster)
    {
        _cluster = cluster;
        _monitor = new HeartbeatMonitor(
            cluster.SelfUniqueAddress,
            cluster.Settings.MonitoredByNrOfMembers,
            cluster.Settings.HeartbeatExpectedResponseAfter,
            cluster.FailureDetector
        );
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.Parent.Tell(
            new Subscribe(Self, ClusterEvent.InitialStateAsEvents, [typeof(ClusterEvent.MembershipChanged)])
        );
        Timers.StartPeriodicTimer(nameof(Beat), Beat.Instance, _cluster.Settings.HeartbeatInterval);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Beat:
                _sequence++;
                foreach (var node in _monitor.Beat(ClusterClock.Now))
                    Context
                        .ActorSelection(
                            new RootActorPath(node.Address) / "system" / ClusterDaemon.Name / HeartbeatReceiver.Name
                        )
                        .Tell(new Heartbeat(_cluster.SelfUniqueAddress, _sequence), Self);
                break;
            case HeartbeatResponse response:
                _monitor.Answered(response.From);
                break;
            case ClusterEvent.MembershipChanged changed:
                _monitor.Update(changed.State);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private sealed class Beat : INoSerializationVerificationNeeded
    {
        public static readonly Beat Instance = new();
    }
}

/// <summary>
/// Gives signs of life to members. One that is none any more, and does not know, is to find out that it is alone. Before this node has
/// been welcomed it knows of no members, and may be watched already.
/// </summary>
internal sealed class HeartbeatReceiver(Cluster cluster) : UntypedActor
{
    public const string Name = "heartbeatReceiver";

    protected override void OnReceive(object message)
    {
        if (message is not Heartbeat beat)
            Unhandled(message);
        else if (cluster.IsMember(beat.From) || !cluster.IsMember(cluster.SelfUniqueAddress))
            Sender.Tell(new HeartbeatResponse(cluster.SelfUniqueAddress, beat.Sequence));
    }
}
