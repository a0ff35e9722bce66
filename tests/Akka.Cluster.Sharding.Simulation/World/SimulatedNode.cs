using Akka.Actor;
using Akka.Cluster.Tools.Singleton;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>One incarnation of one server: its view of the members, its singleton manager, its region and shards.</summary>
internal sealed class SimulatedNode : IHandOverPort
{
    private readonly World _world;
    private readonly List<SimulatedMember> _members = [];
    private readonly HandOver _handOver;
    private readonly IActorRef _manager;
    private readonly HashSet<long> _removed = [];
    private Action? _handedOver;

    public SimulatedNode(World world, int port, int incarnation)
    {
        _world = world;
        Port = port;
        Incarnation = incarnation;
        Unique = new(new Address("akka.tcp", "sim", "node", port), incarnation);
        _manager = world.Open(
            this,
            "manager",
            (message, sender) => _handOver!.Receive((IClusterSingletonMessage)message, From(sender))
        );
        _handOver = new(Unique, new(TimeSpan.FromSeconds(1), TimeSpan.Zero, null), this);
        Region = new(world, this);
    }

    public int Port { get; }

    public int Incarnation { get; }

    public UniqueAddress Unique { get; }

    public bool Running { get; private set; } = true;

    public TimeSpan HeardUpTo { get; set; }

    public SimulatedRegion Region { get; }

    public SimulatedCoordinator? Coordinator { get; private set; }

    /// <summary>The nodes that take part, the oldest first, as this one knows them.</summary>
    public IEnumerable<SimulatedMember> Members => _members;

    public void Hear(SimulatedMember member)
    {
        if (!Running)
            return;
        var at = _members.FindIndex(each => each.Node == member.Node);
        if (member.Status == MemberStatus.Removed)
        {
            _removed.Add(member.Node.Incarnation);
            if (at >= 0)
            {
                _handOver.MemberRemoved(member.Node.Unique, member.Downed);
                _members.RemoveAt(at);
            }
        }
        else if (at >= 0)
        {
            _members[at] = member;
        }
        else
        {
            _members.Add(member);
        }
        // Incarnations count up as members do.
        _members.Sort((a, b) => a.Node.Incarnation.CompareTo(b.Node.Incarnation));
        _handOver.MembersChanged([.. _members.Select(each => new AgedMember(each.Node.Unique, each.Status))]);
        Region.MembersChanged();
    }

    public bool HasRemoved(long incarnation) => _removed.Contains(incarnation);

    public void Die()
    {
        Running = false;
        Coordinator = null;
        Region.Die();
    }

    public void DownSelf()
    {
        if (!Running)
            return;
        _handOver.SelfDowned();
        Die();
    }

    public void ShutDownRegion(Action then)
    {
        var once = Once(then);
        Region.ShutDown(once);
        // A phase has a limit.
        _world.Clock.After(TimeSpan.FromSeconds(10), once);
    }

    public void WhenSingletonIsHandedOver(Action then)
    {
        var once = Once(then);
        _world.Clock.After(TimeSpan.FromSeconds(10), once);
        _handedOver = once;
        if (_handOver.State == HandOverState.End)
            once();
    }

    public override string ToString() => $"node {Port}#{Incarnation}";

    void IHandOverPort.Send(UniqueAddress member, IClusterSingletonMessage message) =>
        _world.SendByName(_manager, member.Address.Port!.Value, node => node._manager, message);

    void IHandOverPort.StartSingleton()
    {
        _world.Log($"{this} starts the coordinator");
        Coordinator = new(_world, this);
    }

    void IHandOverPort.StopSingleton()
    {
        Coordinator?.Stop();
        Coordinator = null;
        _world.Clock.After(_world.Ms(1, 50), () => IfRunning(_handOver.SingletonStopped));
    }

    void IHandOverPort.AcquireLease() => throw new NotSupportedException("the coordinator has no lease here");

    void IHandOverPort.ReleaseLease() { }

    void IHandOverPort.ScheduleRetry(TimeSpan delay) =>
        _world.Clock.After(delay, () => IfRunning(_handOver.RetryIsDue));

    void IHandOverPort.ScheduleMargin(UniqueAddress member, TimeSpan delay) =>
        _world.Clock.After(delay, () => IfRunning(() => _handOver.MarginIsOver(member)));

    void IHandOverPort.Ended() => _handedOver?.Invoke();

    private void IfRunning(Action action)
    {
        if (Running)
            action();
    }

    private UniqueAddress From(IActorRef sender) =>
        _world.Nodes.First(node => node.Incarnation == ((SimulatedRef)sender).Incarnation).Unique;

    private static Action Once(Action action)
    {
        var done = false;
        return () =>
        {
            if (done)
                return;
            done = true;
            action();
        };
    }
}
