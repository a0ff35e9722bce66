using System.Collections.Immutable;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Event;

namespace Akka.Cluster.Daemon;

/// <summary>Drives the membership protocol of this node: messages, time, and who wants to hear of it.</summary>
internal sealed class CoreActor : UntypedActor, IProtocolPort, IWithTimers
{
    public const string Name = "core";

    private readonly Cluster _cluster;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembershipProtocol _protocol;
    private readonly EventHub _hub;
    private readonly List<Action> _callsWhenUp = [];
    private TimeSpan _tickAt = TimeSpan.MaxValue;

    public CoreActor(Cluster cluster, ImmutableSortedDictionary<string, string> agreed)
    {
        _cluster = cluster;
        _hub = new EventHub(cluster.SelfUniqueAddress);
        _protocol = new MembershipProtocol(
            cluster.SelfUniqueAddress,
            cluster.Settings,
            agreed,
            this,
            new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
            ClusterClock.Now
        );
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (_cluster.Settings.SeedNodes.Count > 0)
            Self.Tell(new JoinSeeds(_cluster.Settings.SeedNodes));
        else
            _cluster.LogInfo("No seed-nodes configured, manual cluster join required");
    }

    protected override void PostStop()
    {
        _hub.Publish(ClusterEvent.ClusterShuttingDown.Instance);
        var gone = new MembershipState(Gossip.Empty, _cluster.SelfUniqueAddress);
        _cluster.Show(gone);
        _hub.Publish(gone);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IClusterMessage fromNode:
                _protocol.Receive(fromNode, ClusterClock.Now);
                break;
            case Tick:
                _tickAt = TimeSpan.MaxValue;
                _protocol.Tick(ClusterClock.Now);
                break;
            case Command command:
                OnCommand(command);
                break;
            case Terminated terminated:
                _hub.Unsubscribe(terminated.ActorRef, null);
                break;
            default:
                Unhandled(message);
                break;
        }
        ScheduleTick();
    }

    private void OnCommand(Command command)
    {
        switch (command)
        {
            case JoinTo join:
                _protocol.Join(join.Address, ClusterClock.Now);
                break;
            case JoinSeeds join:
                _protocol.JoinSeedNodes(join.Seeds, ClusterClock.Now);
                break;
            case LeaveNode leave:
                _protocol.Leave(leave.Address, ClusterClock.Now);
                break;
            case DownNode down:
                _protocol.Down(down.Address, ClusterClock.Now);
                break;
            case LeaveSelf:
                _protocol.Leave(_cluster.SelfAddress, ClusterClock.Now);
                Sender.Tell(Done.Instance);
                break;
            case ExitingDone:
                Sender.Tell(Done.Instance);
                _protocol.ExitingCompleted(ClusterClock.Now);
                break;
            case SendState send:
                send.Receiver.Tell(_hub.State.ToCurrentState());
                break;
            case Subscribe subscribe:
                Context.Watch(subscribe.Subscriber);
                _hub.Subscribe(subscribe);
                break;
            case Unsubscribe unsubscribe:
                if (_hub.Unsubscribe(unsubscribe.Subscriber, unsubscribe.To))
                    Context.Unwatch(unsubscribe.Subscriber);
                break;
            case CallWhenUp call:
                _callsWhenUp.Add(call.Callback);
                RunCallsWhenUp();
                break;
        }
    }

    void IProtocolPort.Send(Address to, IClusterMessage message)
    {
        if (to.Equals(_cluster.SelfAddress))
            Self.Tell(message);
        else
            Context.ActorSelection(new RootActorPath(to) / "system" / ClusterDaemon.Name / Name).Tell(message, Self);
    }

    void IProtocolPort.Publish(MembershipState state)
    {
        // First what others may ask for, then the events: who hears of one finds a state in which it has happened.
        _cluster.Show(state);
        _hub.Publish(state);
        RunCallsWhenUp();
    }

    bool IProtocolPort.IsAvailable(Address node) => _cluster.FailureDetector.IsAvailable(node);

    void IProtocolPort.Forget(Address node) => _cluster.FailureDetector.Remove(node);

    void IProtocolPort.BeginExiting() => _cluster.BeginExiting();

    void IProtocolPort.JoinUnsuccessful() => _cluster.JoinUnsuccessful();

    void IProtocolPort.Stop() => Context.Stop(Context.Parent);

    void IProtocolPort.Log(LogLevel level, string message)
    {
        if (level > LogLevel.InfoLevel || _cluster.Settings.LogInfo)
            _log.Log(level, null, message);
    }

    private void RunCallsWhenUp()
    {
        if (_hub.State.Gossip.Member(_cluster.SelfUniqueAddress).Status != MemberStatus.Up)
            return;
        foreach (var call in _callsWhenUp)
        {
            try
            {
                call();
            }
            catch (Exception cause)
            {
                _log.Error(cause, "A callback for a member that is Up failed: {0}", cause.Message);
            }
        }
        _callsWhenUp.Clear();
    }

    private void ScheduleTick()
    {
        var due = _protocol.NextDue;
        if (_protocol.IsStopped || due >= _tickAt)
            return;
        _tickAt = due;
        var delay = due - ClusterClock.Now;
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
