using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Cluster.SBR;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>One incarnation of a node: the protocol, the heartbeats and the resolver, as the actors drive them.</summary>
internal sealed class VirtualNode : IProtocolPort
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResolverInterval = TimeSpan.FromMilliseconds(500);

    private readonly World _world;
    private readonly MembershipProtocol _protocol;
    private readonly HeartbeatMonitor _monitor;
    private readonly ResolverCore _resolver;
    private readonly DefaultFailureDetectorRegistry<Address> _detectors;
    private readonly HashSet<UniqueAddress> _quarantined = [];
    private TimeSpan _frozenUntil;
    private TimeSpan _tickAt = TimeSpan.MaxValue;

    public VirtualNode(World world, UniqueAddress self, Strategy strategy)
    {
        _world = world;
        Self = self;
        _detectors = new(() =>
            new PhiAccrualFailureDetector(
                8,
                200,
                TimeSpan.FromMilliseconds(100),
                TimeSpan.FromSeconds(2),
                BeatInterval,
                () => (long)world.Network.Now.TotalMilliseconds
            )
        );
        _protocol = new MembershipProtocol(
            self,
            world.Settings,
            ImmutableSortedDictionary<string, string>.Empty,
            this,
            world.Random,
            world.Network.Now
        );
        Shown = _protocol.State;
        _monitor = new HeartbeatMonitor(self, 9, BeatInterval, _detectors);
        _resolver = new ResolverCore(
            strategy,
            World.StableAfter,
            TimeSpan.FromSeconds(4),
            new LeaseMajoritySettings("lease", TimeSpan.FromSeconds(1), World.LeaseReleaseAfter, null, null),
            Shown,
            world.Network.Now
        );
        // Heartbeats have an actor of their own, which does not beat with the protocol's ticks.
        world.Network.After(BeatInterval * world.Random.NextDouble(), () => Every(BeatInterval, Beat));
        Every(ResolverInterval, TickResolver);
    }

    public UniqueAddress Self { get; }

    public MembershipState Shown { get; private set; }

    public bool IsAlive { get; private set; } = true;

    public bool IsMember => IsAlive && _protocol.IsJoined;

    /// <summary>True for a member that does its work now.</summary>
    public bool IsWorking => IsMember && !IsFrozen && Status is MemberStatus.Up or MemberStatus.WeaklyUp;

    /// <summary>True while it does what is due: a change of members then is a leader's.</summary>
    public bool IsTicking { get; private set; }

    public bool IsFrozen => _frozenUntil > _world.Network.Now;

    private bool IsAboutToLead =>
        IsWorking && Shown.IsLeader(Self) && Shown.Members.Any(member => member.Status == MemberStatus.Joining);

    public MemberStatus Status => Shown.Gossip.Member(Self).Status;

    public void Found() => Run(() => _protocol.Join(Self.Address, _world.Network.Now));

    public void Join(IReadOnlyList<Address> seeds) => Run(() => _protocol.JoinSeedNodes(seeds, _world.Network.Now));

    public void Leave() => Run(() => _protocol.Leave(Self.Address, _world.Network.Now));

    /// <summary>The process dies.</summary>
    public void Kill() => IsAlive = false;

    /// <summary>The process stands still; what reaches it meanwhile it gets afterwards.</summary>
    public void Freeze(TimeSpan until) => _frozenUntil = until;

    public void Receive(UniqueAddress from, IClusterMessage message)
    {
        if (_quarantined.Contains(from))
            // Remoting refuses the other, and says so.
            _world.Tell(Self, from, other => other.QuarantinedBy(Self));
        else
            Run(() =>
            {
                switch (message)
                {
                    case Heartbeat beat:
                        if (Shown.Gossip.HasMember(beat.From))
                            _world.Send(this, from.Address, new HeartbeatResponse(Self, beat.Sequence));
                        break;
                    case HeartbeatResponse response:
                        _monitor.Answered(response.From);
                        break;
                    default:
                        _protocol.Receive(message, _world.Network.Now);
                        break;
                }
            });
    }

    void IProtocolPort.Send(Address to, IClusterMessage message) => _world.Send(this, to, message);

    void IProtocolPort.Publish(MembershipState state)
    {
        var changes = MembershipDiff.MemberEvents(Shown.Gossip, state.Gossip).ToArray();
        _world.Observe(this, Shown, state);
        Shown = state;
        foreach (var removed in changes.OfType<ClusterEvent.MemberRemoved>())
        {
            if (removed.PreviousStatus == MemberStatus.Down)
                _quarantined.Add(removed.Member.UniqueAddress);
        }
        _monitor.Update(state);
        _resolver.Update(state, _world.Network.Now);
    }

    bool IProtocolPort.IsAvailable(Address node) => _detectors.IsAvailable(node);

    void IProtocolPort.Forget(Address node) => _detectors.Remove(node);

    void IProtocolPort.BeginExiting() =>
        _world.Network.After(
            TimeSpan.FromMilliseconds(_world.Random.Next(2000)),
            () => Run(() => _protocol.ExitingCompleted(_world.Network.Now))
        );

    void IProtocolPort.JoinUnsuccessful() => IsAlive = false;

    void IProtocolPort.Stop() => IsAlive = false;

    void IProtocolPort.Log(LogLevel level, string message) => _world.Trace(message);

    private void QuarantinedBy(UniqueAddress by) =>
        Run(() =>
        {
            if (Shown.Members.IsEmpty)
                IsAlive = false;
            else if (Shown.Gossip.HasMember(by))
                Do(_resolver.QuarantinedByRemote(_world.Network.Now));
        });

    private void Beat()
    {
        foreach (var node in _monitor.Beat(_world.Network.Now))
            _world.Send(this, node.Address, new Heartbeat(Self, 0));
        _world.Lease.Renew(Self, _world.Network.Now);
        // Just now: the answers will wait for it, and say when it goes on that nobody is silent.
        if (_world.LeaderStandsStillFor > TimeSpan.Zero && IsAboutToLead)
        {
            _world.Trace($"freeze {Self.Address}, which is about to take somebody in");
            Freeze(_world.Network.Now + _world.LeaderStandsStillFor);
            _world.LeaderStandsStillFor = TimeSpan.Zero;
        }
    }

    private void TickResolver() =>
        Do(_resolver.Tick(_world.Network.Now, _world.Lease.IsHeldBy(Self, _world.Network.Now)));

    private void Do(ResolverAction? action)
    {
        switch (action)
        {
            case ResolverAction.Down down:
                _world.Trace($"{Self.Address} decides {down.Decision}");
                if (down.Decision != Decision.DownUnreachable && !down.Nodes.Contains(Self))
                    _world.Stays(Shown.Members.Where(member => !down.Nodes.Contains(member.UniqueAddress)));
                foreach (var node in down.Nodes.OrderBy(node => node.Equals(Self)).ThenBy(node => node))
                    _protocol.Down(node.Address, _world.Network.Now);
                break;
            case ResolverAction.AcquireLease:
                // Now and then the database is away.
                var fails = _world.Random.Next(10) == 0;
                _world.Network.After(
                    TimeSpan.FromMilliseconds(_world.Random.Next(1000)),
                    () =>
                    {
                        var held = !fails && _world.Lease.TryAcquire(Self, _world.Network.Now);
                        Run(() =>
                            Do(
                                _resolver.LeaseAnswered(
                                    held && _world.Lease.IsHeldBy(Self, _world.Network.Now),
                                    _world.Network.Now
                                )
                            )
                        );
                    }
                );
                break;
            case ResolverAction.ReleaseLease:
                _world.Lease.Release(Self);
                break;
        }
    }

    private void Every(TimeSpan interval, Action run)
    {
        _world.Network.After(interval, Once);

        void Once()
        {
            if (!IsAlive)
                return;
            Run(run);
            _world.Network.At((IsFrozen ? _frozenUntil : _world.Network.Now) + interval, Once);
        }
    }

    /// <summary>Runs now, or when the process goes on; then sees to it that the protocol is woken when it wants to be.</summary>
    private void Run(Action step)
    {
        if (!IsAlive)
            return;
        if (IsFrozen)
        {
            _world.Network.At(_frozenUntil, () => Run(step));
            return;
        }
        step();
        var due = _protocol.NextDue;
        if (!IsAlive || due >= _tickAt)
            return;
        _tickAt = due;
        _world.Network.At(
            due,
            () =>
                Run(() =>
                {
                    _tickAt = TimeSpan.MaxValue;
                    IsTicking = true;
                    _protocol.Tick(_world.Network.Now);
                    IsTicking = false;
                })
        );
    }
}
