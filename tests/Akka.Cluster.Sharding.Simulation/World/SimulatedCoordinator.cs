using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>The coordinator where the singleton runs; one that failed is started again after a while.</summary>
internal sealed class SimulatedCoordinator : ICoordinatorPort
{
    private static readonly CoordinatorSettings Settings = new(1, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(3));

    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly Dictionary<object, long> _timers = [];
    private readonly Queue<Action> _stash = new();
    private readonly Queue<(ICoordinatorEvent Happened, Action Then)> _writes = new();
    private Coordinator? _coordinator;
    private IActorRef? _self;
    private int _seen;
    private long _generation;
    private bool _writing;
    private bool _stopped;

    public SimulatedCoordinator(World world, SimulatedNode node)
    {
        _world = world;
        _node = node;
        Recover();
        Tick();
    }

    public IActorRef? Ref => _self;

    IActorRef ICoordinatorPort.Self => _self!;

    public void Stop()
    {
        _stopped = true;
        Close();
    }

    void ICoordinatorPort.Send(IActorRef target, object message) => _world.Send(_self!, target, message);

    void ICoordinatorPort.SendFrom(IActorRef move, IActorRef target, object message) =>
        _world.Send(move, target, message);

    void ICoordinatorPort.Persist(ICoordinatorEvent happened, Action then)
    {
        _writes.Enqueue((happened, then));
        if (!_writing)
            Write();
    }

    void ICoordinatorPort.Watch(IActorRef target) => _world.Watch(_self!, target);

    bool ICoordinatorPort.IsMember(IActorRef region) =>
        _node.Members.Any(member => member.Node.Unique.Address.Equals(region.Path.Address));

    bool ICoordinatorPort.MayHost(IActorRef region) =>
        _node.Members.Any(member =>
            member.Status == MemberStatus.Up && member.Node.Unique.Address.Equals(region.Path.Address)
        );

    void ICoordinatorPort.Allocate(
        IActorRef requester,
        string shard,
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions
    )
    {
        var chosen = LeastShards.Emptiest(regions);
        Later(_world.Ms(0, 2), () => _coordinator!.Allocated(shard, chosen));
    }

    void ICoordinatorPort.AskRebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions,
        IImmutableSet<string> moving
    )
    {
        var shards = regions.OrderBy(each => each.Key).Select(each => each.Value).ToList();
        var chosen = moving.Count > 0 ? ImmutableHashSet<string>.Empty : LeastShards.WithinLimits(shards, 3, 0.5);
        _coordinator!.Rebalance(chosen);
    }

    IActorRef ICoordinatorPort.OpenMove(string shard)
    {
        IActorRef? move = null;
        move = _world.Open(
            _node,
            "move",
            (message, sender) => Handle(() => _coordinator!.ReceiveMove(move!, (ICoordinatorProtocol)message, sender))
        );
        return move;
    }

    void ICoordinatorPort.CloseMove(IActorRef move) => _world.Close(move);

    void ICoordinatorPort.StartTimer(object key, TimeSpan delay)
    {
        var turn = _timers[key] = ++_generation;
        Later(
            delay,
            () =>
            {
                if (_timers.GetValueOrDefault(key) == turn && _timers.Remove(key))
                    _coordinator!.TimedOut(key);
            }
        );
    }

    void ICoordinatorPort.CancelTimer(object key) => _timers.Remove(key);

    private void Recover()
    {
        if (_stopped || !_node.Running)
            return;
        _timers.Clear();
        _stash.Clear();
        _writes.Clear();
        _writing = false;
        _self = _world.Open(_node, "coordinator", Receive);
        var coordinator = _coordinator = new(this, Settings, NoLogger.Instance);
        foreach (var happened in _world.Journal)
            coordinator.Recover(happened);
        _seen = _world.Journal.Count;
        coordinator.Start();
    }

    private void Receive(object message, IActorRef sender) =>
        Handle(() =>
        {
            if (message is World.Gone(var subject))
                _coordinator!.Terminated(subject);
            else
                _coordinator!.Receive((ICoordinatorProtocol)message, sender);
        });

    private void Handle(Action action)
    {
        if (_self is null || !_node.Running)
            return;
        if (_writing)
            _stash.Enqueue(action);
        else
            action();
    }

    private void Later(TimeSpan delay, Action action)
    {
        var self = _self;
        _world.Clock.After(
            delay,
            () =>
            {
                if (self is not null && self.Equals(_self))
                    Handle(action);
            }
        );
    }

    private void Write()
    {
        var self = _self;
        _writing = true;
        _world.Clock.After(
            _world.Ms(1, 15),
            () =>
            {
                if (self is null || !self.Equals(_self) || !_node.Running)
                    return;
                // The journal has one event of each number: somebody else wrote meanwhile.
                if (_world.Journal.Count != _seen)
                {
                    _world.Log($"{_node}: the coordinator cannot write and starts again");
                    Close();
                    _world.Clock.After(TimeSpan.FromSeconds(2), Recover);
                    return;
                }
                var (happened, then) = _writes.Dequeue();
                _world.Journal.Add(happened);
                _seen++;
                then();
                if (_writes.Count > 0)
                {
                    Write();
                    return;
                }
                _writing = false;
                while (!_writing && _stash.TryDequeue(out var next))
                    next();
            }
        );
    }

    private void Tick() =>
        _world.Clock.After(
            TimeSpan.FromSeconds(2),
            () =>
            {
                if (_stopped || !_node.Running)
                    return;
                Handle(() => _coordinator!.RebalanceIsDue());
                Tick();
            }
        );

    private void Close()
    {
        if (_self is { } self)
        {
            _self = null;
            _world.Close(self);
        }
    }
}
