using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Protocol;

/// <summary>
/// The membership protocol of one node: messages and ticks in, messages and states out. No threads, no clock: who
/// drives it gives the monotonic time, and calls <see cref="Tick"/> no later than <see cref="NextDue"/>.
/// </summary>
internal sealed partial class MembershipProtocol
{
    private readonly ClusterSettings _settings;
    private readonly ImmutableSortedDictionary<string, string> _agreed;
    private readonly IProtocolPort _port;
    private readonly Random _random;
    private readonly VectorClock.Node _clockNode;
    private readonly Timers _timers;
    private TimeSpan _now;
    private Phase _phase = Phase.Outside;

    public MembershipProtocol(
        UniqueAddress self,
        ClusterSettings settings,
        ImmutableSortedDictionary<string, string> agreed,
        IProtocolPort port,
        Random random,
        TimeSpan now
    )
    {
        Self = self;
        _settings = settings;
        _agreed = agreed;
        _port = port;
        _random = random;
        _now = now;
        _clockNode = self.ClockNode;
        State = new MembershipState(Gossip.Empty, self);
        _timers = new Timers(settings, now);
    }

    private enum Phase
    {
        Outside,
        Asking,
        Joined,
        Stopped,
    }

    public UniqueAddress Self { get; }

    public MembershipState State { get; private set; }

    public bool IsJoined => _phase == Phase.Joined;

    public bool IsStopped => _phase == Phase.Stopped;

    public MemberStatus SelfStatus => Latest.Member(Self).Status;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public TimeSpan NextDue =>
        _phase == Phase.Joined ? _timers.NextDue
        : _search is { } search ? Min(search.NextAsk, search.Deadline, _joinDeadline, _giveUpAt)
        : Min(_joinDeadline, _giveUpAt);

    private Gossip Latest => State.Gossip;

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        _now = now;
        if (_phase != Phase.Joined)
        {
            TickOutside();
            return;
        }
        NotePause();
        if (_timers.GossipIsDue(now))
            GossipTick();
        if (_timers.SpeedUpIsDue(now))
            GossipToOne();
        if (_timers.ReapIsDue(now))
            ReapUnreachable();
        if (_timers.LeaderActionsAreDue(now))
            LeaderActions();
    }

    /// <summary>Handles a message of another node.</summary>
    public void Receive(IClusterMessage message, TimeSpan now)
    {
        _now = now;
        if (_phase == Phase.Stopped)
            return;
        switch (message)
        {
            case InitJoin init:
                OnInitJoin(init);
                break;
            case InitJoinAck ack:
                OnInitJoinAck(ack);
                break;
            case InitJoinNack nack:
                OnInitJoinNack(nack);
                break;
            case Welcome welcome:
                OnWelcome(welcome);
                break;
            case Join join when _phase == Phase.Joined:
                OnJoin(join);
                break;
            case GossipEnvelope envelope when _phase == Phase.Joined:
                OnGossip(envelope);
                break;
            case GossipStatus status when _phase == Phase.Joined:
                OnGossipStatus(status);
                break;
            case RemovedNotice notice:
                OnRemovedNotice(notice);
                break;
            case ExitingConfirmed confirmed when _phase == Phase.Joined:
                OnExitingConfirmed(confirmed);
                break;
        }
    }

    /// <summary>The state after a change that this node made.</summary>
    private void Change(Gossip gossip)
    {
        var changed = gossip.Increment(_clockNode);
        // While services are being stopped nobody is told that this node has seen anything: that puts off its removal.
        Adopt(_exitingTasksRun ? changed.ClearSeen() : changed.OnlySeenBy(Self));
    }

    private void Adopt(Gossip gossip) => State = new MembershipState(gossip, Self);

    private void Publish() => _port.Publish(State);

    private void Stop()
    {
        _phase = Phase.Stopped;
        _search = null;
        _joinDeadline = null;
        _giveUpAt = null;
        _port.Stop();
    }

    private void Info(string message) => _port.Log(LogLevel.InfoLevel, $"Cluster Node [{Self.Address}] - {message}");

    private void Warning(string message) =>
        _port.Log(LogLevel.WarningLevel, $"Cluster Node [{Self.Address}] - {message}");

    private static TimeSpan Min(params ReadOnlySpan<TimeSpan?> times)
    {
        var least = TimeSpan.MaxValue;
        foreach (var time in times)
            least = time < least ? time.Value : least;
        return least;
    }
}
