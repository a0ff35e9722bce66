using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace Akka.Cluster.Sharding;

/// <summary>The actor around <see cref="Coordinator"/>: its journal, timers, death watch, and the strategy. A cluster singleton.</summary>
internal sealed class PersistentShardCoordinator : PersistentActor, IWithTimers, ICoordinatorPort
{
    private readonly string _typeName;
    private readonly ClusterShardingSettings _settings;
    private readonly IShardAllocationStrategy _strategy;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Coordinator _coordinator;
    private readonly Dictionary<IActorRef, string> _moves = [];

    public PersistentShardCoordinator(
        string typeName,
        ClusterShardingSettings settings,
        IShardAllocationStrategy strategy
    )
    {
        _typeName = typeName;
        _settings = settings;
        _strategy = strategy;
        JournalPluginId = settings.JournalPluginId;
        SnapshotPluginId = settings.SnapshotPluginId;
        var minMembers =
            settings.Role is { } role && _cluster.Settings.MinNrOfMembersOfRole.TryGetValue(role, out var ofRole)
                ? ofRole
            : settings.Role is null ? _cluster.Settings.MinNrOfMembers
            : 1;
        _coordinator = new(
            this,
            new(minMembers, settings.TuningParameters.HandOffTimeout, settings.TuningParameters.ShardStartTimeout),
            Log
        );
    }

    public override string PersistenceId => $"/sharding/{_typeName}Coordinator";

    public ITimerScheduler Timers { get; set; } = null!;

    IActorRef ICoordinatorPort.Self => Self;

    protected override void PreStart()
    {
        base.PreStart();
        if (_strategy is IActorSystemDependentAllocationStrategy dependent)
            dependent.Start(Context.System);
        Timers.StartPeriodicTimer("rebalance", RebalanceTick.Instance, _settings.TuningParameters.RebalanceInterval);
    }

    protected override bool ReceiveRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: CoordinatorState snapshot }:
                _coordinator.Recover(snapshot);
                return true;
            case ICoordinatorEvent happened:
                _coordinator.Recover(happened);
                return true;
            case RecoveryCompleted:
                Log.Debug(
                    "{0}: the coordinator begins with {1} regions and {2} shards",
                    _typeName,
                    _coordinator.State.Regions.Count,
                    _coordinator.State.Shards.Count
                );
                _coordinator.Start();
                return true;
            default:
                return false;
        }
    }

    protected override bool ReceiveCommand(object message)
    {
        switch (message)
        {
            case ICoordinatorProtocol protocol:
                _coordinator.Receive(protocol, Sender);
                return true;
            case MoveAnswer(var move, var answer, var from):
                _coordinator.ReceiveMove(move, answer, from);
                return true;
            case Terminated terminated:
                _coordinator.Terminated(terminated.ActorRef);
                return true;
            case TimerTick(var key):
                _coordinator.TimedOut(key);
                return true;
            case RebalanceTick:
                _coordinator.RebalanceIsDue();
                return true;
            case AllocationChosen chosen:
                if (chosen.Cause is { } cause)
                    Log.Error(cause, "{0}: the allocation strategy failed for shard [{1}]", _typeName, chosen.Shard);
                _coordinator.Allocated(chosen.Shard, chosen.Region);
                return true;
            case RebalanceChosen chosen:
                if (chosen.Cause is { } failure)
                    Log.Error(failure, "{0}: the allocation strategy failed to say what should move", _typeName);
                _coordinator.Rebalance(chosen.Shards);
                return true;
            case GetCurrentRegions:
                Sender.Tell(
                    new CurrentRegions(_coordinator.State.Regions.Keys.Select(AddressOf).ToImmutableHashSet()),
                    Self
                );
                return true;
            case GetClusterShardingStats query:
                AskStats(query.Timeout, Sender);
                return true;
            case SaveSnapshotSuccess saved:
                DeleteBefore(saved.Metadata.SequenceNr);
                return true;
            case DeleteMessagesSuccess or DeleteSnapshotsSuccess:
                return true;
            default:
                return false;
        }
    }

    void ICoordinatorPort.Send(IActorRef target, object message) => target.Tell(message, Self);

    void ICoordinatorPort.SendFrom(IActorRef move, IActorRef target, object message) => target.Tell(message, move);

    void ICoordinatorPort.Persist(ICoordinatorEvent happened, Action then) =>
        Persist(
            happened,
            _ =>
            {
                then();
                if (LastSequenceNr % _settings.TuningParameters.SnapshotAfter == 0)
                    SaveSnapshot(_coordinator.State);
            }
        );

    void ICoordinatorPort.Watch(IActorRef target) => Context.Watch(target);

    bool ICoordinatorPort.IsMember(IActorRef region) => MemberOf(region) is not null;

    bool ICoordinatorPort.MayHost(IActorRef region) => MemberOf(region)?.Status is MemberStatus.Up;

    void ICoordinatorPort.Allocate(
        IActorRef requester,
        string shard,
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions
    ) => _ = Choose(Self, requester, shard, regions);

    void ICoordinatorPort.AskRebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions,
        IImmutableSet<string> moving
    ) => _ = ChooseMoves(Self, regions, moving);

    IActorRef ICoordinatorPort.OpenMove(string shard)
    {
        var move = Context.ActorOf(Props.Create<MoveRelay>());
        _moves.Add(move, shard);
        return move;
    }

    void ICoordinatorPort.CloseMove(IActorRef move)
    {
        _moves.Remove(move);
        Context.Stop(move);
    }

    void ICoordinatorPort.StartTimer(object key, TimeSpan delay) =>
        Timers.StartSingleTimer(key, new TimerTick(key), delay);

    void ICoordinatorPort.CancelTimer(object key) => Timers.Cancel(key);

    private async Task Choose(
        IActorRef self,
        IActorRef requester,
        string shard,
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions
    )
    {
        AllocationChosen chosen;
        try
        {
            chosen = new(shard, await _strategy.AllocateShard(requester, shard, regions).ConfigureAwait(false), null);
        }
        catch (Exception cause) // Logged by the coordinator; whoever asked asks again.
        {
            chosen = new(shard, null, cause);
        }
        self.Tell(chosen, ActorRefs.NoSender);
    }

    private async Task ChooseMoves(
        IActorRef self,
        IImmutableDictionary<IActorRef, IImmutableList<string>> regions,
        IImmutableSet<string> moving
    )
    {
        RebalanceChosen chosen;
        try
        {
            chosen = new(await _strategy.Rebalance(regions, moving).ConfigureAwait(false), null);
        }
        catch (Exception cause) // Logged by the coordinator.
        {
            chosen = new(ImmutableHashSet<string>.Empty, cause);
        }
        self.Tell(chosen, ActorRefs.NoSender);
    }

    private Address AddressOf(IActorRef region) =>
        region.Path.Address.HasLocalScope ? _cluster.SelfAddress : region.Path.Address;

    private Member? MemberOf(IActorRef region)
    {
        var address = AddressOf(region);
        return _cluster.State.Members.FirstOrDefault(member => member.Address.Equals(address));
    }

    // Regions are chosen here and asked elsewhere.
    private void AskStats(TimeSpan timeout, IActorRef asker) =>
        _ = AskStats(
            [.. _coordinator.State.Regions.Keys.Select(region => (AddressOf(region), region))],
            timeout,
            asker
        );

    private static async Task AskStats(
        ImmutableArray<(Address Address, IActorRef Region)> regions,
        TimeSpan timeout,
        IActorRef asker
    )
    {
        var answers = await Task.WhenAll(
                regions.Select(async each =>
                {
                    try
                    {
                        var stats = await each
                            .Region.Ask<ShardRegionStats>(GetShardRegionStats.Instance, timeout)
                            .ConfigureAwait(false);
                        return (each.Address, Stats: stats);
                    }
                    catch (Exception) // It is left out of the answer.
                    {
                        return (each.Address, Stats: (ShardRegionStats?)null);
                    }
                })
            )
            .ConfigureAwait(false);
        asker.Tell(
            new ClusterShardingStats(
                answers
                    .Where(each => each.Stats is not null)
                    .ToImmutableDictionary(each => each.Address, each => each.Stats!)
            ),
            ActorRefs.NoSender
        );
    }

    private void DeleteBefore(long snapshotSequenceNr)
    {
        var tuning = _settings.TuningParameters;
        var upTo = snapshotSequenceNr - ((long)tuning.KeepNrOfBatches * tuning.SnapshotAfter);
        if (upTo <= 0)
            return;
        DeleteMessages(upTo);
        DeleteSnapshots(new SnapshotSelectionCriteria(upTo - 1));
    }

    /// <summary>Receives what regions answer to one move, so that late answers to another are told apart.</summary>
    private sealed class MoveRelay : ActorBase
    {
        protected override bool Receive(object message)
        {
            if (message is not ICoordinatorProtocol answer)
                return false;
            Context.Parent.Tell(new MoveAnswer(Self, answer, Sender), Self);
            return true;
        }
    }

    private sealed record MoveAnswer(IActorRef Move, ICoordinatorProtocol Answer, IActorRef From)
        : INoSerializationVerificationNeeded;

    private sealed record TimerTick(object Key) : INoSerializationVerificationNeeded;

    private sealed record RebalanceTick : INoSerializationVerificationNeeded
    {
        public static readonly RebalanceTick Instance = new();
    }

    private sealed record AllocationChosen(string Shard, IActorRef? Region, Exception? Cause)
        : INoSerializationVerificationNeeded;

    private sealed record RebalanceChosen(IImmutableSet<string> Shards, Exception? Cause)
        : INoSerializationVerificationNeeded;
}
