using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>A shard of a region, its lease and its entities, which answer what they are asked.</summary>
internal sealed class SimulatedShard : IShardPort
{
    private static readonly object StopMessage = new();

    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly IActorRef _region;
    private readonly string _shard;
    private readonly ShardEntities _entities;
    private readonly HashSet<IActorRef> _running = [];
    private bool _stopped;
    private bool _holdsLease;

    public SimulatedShard(World world, SimulatedNode node, IActorRef region, string shard)
    {
        _world = world;
        _node = node;
        _region = region;
        _shard = shard;
        Ref = world.Open(node, "shard-" + shard, Receive);
        _entities = new(
            this,
            new(
                "sim",
                shard,
                world.Options.BufferSize,
                TimeSpan.FromSeconds(20),
                TimeSpan.FromSeconds(30),
                world.Options.Lease ? TimeSpan.FromSeconds(1) : null,
                StopMessage
            ),
            RequestExtractor.Instance,
            NoLogger.Instance
        );
        Idle();
    }

    public IActorRef Ref { get; }

    public string Id => _shard;

    public bool IsLive => !_stopped && _node.Running && _entities.IsLive;

    TimeSpan IShardPort.Now => _world.Clock.Now;

    public void Start() => _entities.Start();

    public void Stop()
    {
        if (_stopped)
            return;
        Die();
        GiveLeaseBack();
        foreach (var entity in _running.Order().ToArray())
            _world.Close(entity);
        _world.Close(Ref);
    }

    public void Die() => _stopped = true;

    void IShardPort.Send(IActorRef target, object message, IActorRef? sender) =>
        _world.Send(Ref, target, message, sender ?? Ref);

    IActorRef IShardPort.StartEntity(string entity)
    {
        IActorRef? self = null;
        self = _world.Open(
            _node,
            "entity-" + entity,
            (message, sender) => EntityReceive(self!, entity, message, sender)
        );
        _running.Add(self);
        _world.Watch(Ref, self);
        return self;
    }

    void IShardPort.StopEntity(IActorRef entity) => EndEntity(entity);

    void IShardPort.AcquireLease()
    {
        var asked = _world.Clock.Now;
        _world.Clock.After(
            _world.Ms(1, 20),
            () =>
            {
                if (_stopped || !_node.Running)
                    return;
                var taken = _world.Leases.TryTake(LeaseName, _node.Incarnation);
                _world.Clock.After(
                    _world.Ms(1, 20),
                    () =>
                    {
                        if (_stopped || !_node.Running)
                            return;
                        if (taken)
                        {
                            _holdsLease = true;
                            RenewUntilLost(asked);
                        }
                        _entities.LeaseAnswered(taken);
                    }
                );
            }
        );
    }

    void IShardPort.ReleaseLease()
    {
        GiveLeaseBack();
        _world.Clock.After(_world.Ms(1, 20), () => IfAlive(_entities.LeaseReleased));
    }

    void IShardPort.ScheduleLeaseRetry(TimeSpan delay) =>
        _world.Clock.After(delay, () => IfAlive(_entities.LeaseRetryIsDue));

    void IShardPort.ScheduleHandOffLimit(TimeSpan delay) =>
        _world.Clock.After(delay, () => IfAlive(_entities.HandOffIsLate));

    void IShardPort.Ready()
    {
        _world.Log($"{_node}: shard {_shard} is live");
        foreach (var other in _world.Nodes.Where(node => node != _node))
        {
            if (other.Region.Shards.Any(each => each.Id == _shard && each.IsLive))
                _world.Fail($"shard {_shard} is live on {other} and on {_node}");
        }
        _world.Send(Ref, _region, new IsReady(_shard));
    }

    void IShardPort.GiveBack(IReadOnlyList<(object Message, IActorRef Sender)> undelivered)
    {
        if (undelivered.Count > 0)
            _world.Send(Ref, _region, new Undelivered(_shard, undelivered));
    }

    void IShardPort.Drop(object message, IActorRef sender) => _world.DeadLetter(message);

    void IShardPort.Stop() => Stop();

    private string LeaseName => "shard-" + _shard;

    private void Receive(object message, IActorRef sender)
    {
        if (_stopped)
            return;
        switch (message)
        {
            case World.Gone(var entity):
                _entities.EntityTerminated(entity);
                break;
            case HandOff:
                _entities.HandOff(sender);
                break;
            case Passivate passivate:
                _entities.Passivate(sender, passivate.StopMessage);
                break;
            default:
                _entities.Deliver(message, sender);
                break;
        }
    }

    private void EntityReceive(IActorRef self, string entity, object message, IActorRef sender)
    {
        if (ReferenceEquals(message, StopMessage))
        {
            // One in a hundred takes longer than a hand-off waits.
            var hangs = _world.Options.EntitiesHang && _world.Random.Next(100) == 0;
            _world.Clock.After(hangs ? TimeSpan.FromSeconds(30) : _world.Ms(1, 300), () => EndEntity(self));
            return;
        }
        var request = (Request)message;
        _world.Delivered(_node, entity, request);
        _world.Send(self, sender, new Answer(request.Client, request.Number));
        if (_world.Random.Next(200) == 0)
            _world.Send(self, Ref, new Passivate(StopMessage));
    }

    private void EndEntity(IActorRef entity)
    {
        if (_running.Remove(entity) && _node.Running)
            _world.Close(entity);
    }

    // The last renewal counts from when it was asked for, so this node always gives up before the store does.
    private void RenewUntilLost(TimeSpan renewedAt)
    {
        var interval = _world.Options.LeaseTimeToLive / 4;
        _world.Clock.After(
            interval,
            () =>
            {
                if (_stopped || !_node.Running || !_holdsLease)
                    return;
                var asked = _world.Clock.Now;
                // A node that is cut off from the others is cut off from the database half of the time.
                if (_world.DatabaseReachable(_node) && _world.Leases.TryTake(LeaseName, _node.Incarnation))
                {
                    RenewUntilLost(asked);
                }
                else if (asked + interval >= renewedAt + _world.Options.LeaseTimeToLive)
                {
                    _world.Log($"{_node}: shard {_shard} lost its lease");
                    _holdsLease = false;
                    _entities.LeaseLost();
                }
                else
                {
                    RenewUntilLost(renewedAt);
                }
            }
        );
    }

    private void GiveLeaseBack()
    {
        if (!_holdsLease)
            return;
        _holdsLease = false;
        if (_world.DatabaseReachable(_node))
            _world.Leases.GiveBack(LeaseName, _node.Incarnation);
    }

    private void Idle() =>
        _world.Clock.After(
            TimeSpan.FromSeconds(10),
            () =>
                IfAlive(() =>
                {
                    _entities.PassivateIdle();
                    Idle();
                })
        );

    private void IfAlive(Action action)
    {
        if (!_stopped && _node.Running)
            action();
    }

    internal sealed record IsReady(string Shard);

    internal sealed record Undelivered(string Shard, IReadOnlyList<(object Message, IActorRef Sender)> Messages);
}
