using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>A node's region, with its shards.</summary>
internal sealed class SimulatedRegion : IRegionPort
{
    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly IActorRef _self;
    private readonly Region _region;
    private readonly Dictionary<IActorRef, SimulatedShard> _shards = [];
    private readonly HashSet<IActorRef> _watched = [];
    private SimulatedNode? _oldest;
    private Action? _shutDown;
    private bool _stopped;

    public SimulatedRegion(World world, SimulatedNode node)
    {
        _world = world;
        _node = node;
        _self = world.Open(node, "region", Receive);
        _region = new(
            this,
            new("sim", true, world.Options.BufferSize, TimeSpan.FromSeconds(2)),
            RequestExtractor.Instance,
            NoLogger.Instance
        );
        Retry();
    }

    public IActorRef Ref => _self;

    public bool Stopped => _stopped;

    public IEnumerable<SimulatedShard> Shards => _shards.Values;

    public int Buffered => _region.Buffered;

    IActorRef IRegionPort.Self => _self;

    public void MembersChanged()
    {
        var oldest = _node.Members.FirstOrDefault(m => m.Status is MemberStatus.Up or MemberStatus.Leaving)?.Node;
        if (oldest == _oldest || _stopped)
            return;
        _oldest = oldest;
        _region.CoordinatorMoves();
    }

    public void ShutDown(Action then)
    {
        _shutDown = then;
        _region.ShutDown();
    }

    public void Die()
    {
        _stopped = true;
        foreach (var shard in _shards.Values)
            shard.Die();
    }

    public void Receive(object message, IActorRef sender)
    {
        if (_stopped)
            return;
        switch (message)
        {
            case Request:
                _region.Deliver(message, sender);
                break;
            case World.Gone(var subject):
                _watched.Remove(subject);
                _shards.Remove(subject);
                _region.Terminated(subject);
                break;
            case ICoordinatorProtocol protocol:
                _region.Receive(protocol, sender);
                break;
            case SimulatedShard.IsReady(var shard):
                _region.ShardReady(shard, sender);
                break;
            case SimulatedShard.Undelivered(var shard, var messages):
                _region.TakeBack(shard, messages);
                break;
        }
        if (_region.Buffered > _world.Options.BufferSize)
            _world.Fail($"{_node} keeps {_region.Buffered} messages");
    }

    void IRegionPort.Send(IActorRef target, object message, IActorRef sender) =>
        _world.Send(_self, target, message, sender);

    void IRegionPort.SendToCoordinator(object message)
    {
        foreach (var member in _node.Members.Where(m => m.Status is not MemberStatus.Down).Take(2).ToArray())
            _world.SendByName(_self, member.Node.Port, node => node.Coordinator?.Ref, message);
    }

    void IRegionPort.Watch(IActorRef target)
    {
        if (_watched.Add(target))
            _world.Watch(_self, target);
    }

    void IRegionPort.Unwatch(IActorRef target)
    {
        _watched.Remove(target);
        _world.Unwatch(_self, target);
    }

    bool IRegionPort.IsGone(IActorRef subject) => _node.HasRemoved(((SimulatedRef)subject).Incarnation);

    IActorRef IRegionPort.StartShard(string shard)
    {
        var started = new SimulatedShard(_world, _node, _self, shard);
        _shards.Add(started.Ref, started);
        _world.Watch(_self, started.Ref);
        started.Start();
        return started.Ref;
    }

    void IRegionPort.StopShard(IActorRef shard) => _shards[shard].Stop();

    void IRegionPort.ScheduleRestart(string shard, TimeSpan delay) =>
        _world.Clock.After(delay, () => IfAlive(() => _region.RestartIsDue(shard)));

    void IRegionPort.Drop(object message, IActorRef sender) => _world.DeadLetter(message);

    void IRegionPort.ShutDownIsDone() => _shutDown?.Invoke();

    void IRegionPort.ScheduleStop(TimeSpan delay) => _world.Clock.After(delay, () => IfAlive(_region.StopIsDue));

    void IRegionPort.Stop()
    {
        _stopped = true;
        _world.Close(_self);
    }

    private void Retry() =>
        _world.Clock.After(
            TimeSpan.FromMilliseconds(500),
            () =>
                IfAlive(() =>
                {
                    _region.RetryIsDue();
                    Retry();
                })
        );

    private void IfAlive(Action action)
    {
        if (!_stopped && _node.Running)
            action();
    }
}

internal sealed class RequestExtractor : IMessageExtractor
{
    public static readonly RequestExtractor Instance = new();

    public string? EntityId(object message) => (message as Request)?.Entity;

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => (message as Request)?.Shard;

    public string ShardId(string entityId, object? messageHint = null) => ((Request)messageHint!).Shard;
}
