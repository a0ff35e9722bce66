using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Daemon;

/// <summary>
/// The parent of the cluster's actors. When one of them fails the node is out of the cluster: a member that goes on with
/// a state that it lost would be worse.
/// </summary>
internal sealed class ClusterDaemon : UntypedActor
{
    public const string Name = "cluster";

    private readonly Cluster _cluster;
    private readonly ImmutableSortedDictionary<string, string> _agreed;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _core = ActorRefs.Nobody;

    public ClusterDaemon(Cluster cluster, ImmutableSortedDictionary<string, string> agreed)
    {
        _cluster = cluster;
        _agreed = agreed;
    }

    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(failure =>
        {
            _log.Error(
                failure,
                "Cluster Node [{0}] - a part of the cluster crashed, [{1}] - shutting down...",
                _cluster.SelfAddress,
                failure.Message
            );
            Self.Tell(PoisonPill.Instance);
            return Directive.Stop;
        });

    protected override void PreStart()
    {
        _core = Start(Props.Create(() => new CoreActor(_cluster, _agreed)), CoreActor.Name);
        Start(Props.Create(() => new HeartbeatReceiver(_cluster)), HeartbeatReceiver.Name);
        Start(Props.Create(() => new HeartbeatSender(_cluster)), HeartbeatSender.Name);
    }

    protected override void PostStop() => _cluster.Ended();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartDowning start:
                Start(start.Props, "downingProvider");
                break;
            default:
                _core.Forward(message);
                break;
        }
    }

    private IActorRef Start(Props props, string name) =>
        Context.ActorOf(
            props.Deploy.Dispatcher.Length == 0 ? props.WithDispatcher(_cluster.Settings.UseDispatcher) : props,
            name
        );

    /// <summary>The downing provider takes a cluster that is complete, so it is made after it.</summary>
    internal sealed record StartDowning(Props Props) : INoSerializationVerificationNeeded;
}
