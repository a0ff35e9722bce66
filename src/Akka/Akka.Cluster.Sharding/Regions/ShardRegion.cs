using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>The actor around <see cref="Region"/>: members, timers, death watch, shards as children, and queries.</summary>
internal sealed class ShardRegion : ActorBase, IWithTimers, IRegionPort
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);

    private readonly string _typeName;
    private readonly Func<string, Props>? _entityProps;
    private readonly ClusterShardingSettings _settings;
    private readonly string _coordinatorPath;
    private readonly IMessageExtractor _extractor;
    private readonly object _stopMessage;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly Region _region;
    private readonly TaskCompletionSource<Done> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Address> _gone = [];
    private UniqueAddress? _oldest;
    private TimeSpan _retryDelay;

    /// <param name="typeName">The entity type.</param>
    /// <param name="entityProps">How an entity is made; null for a proxy.</param>
    /// <param name="settings">The settings of the type.</param>
    /// <param name="coordinatorPath">The coordinator's path on its node.</param>
    /// <param name="extractor">Tells which entity a message is for.</param>
    /// <param name="stopMessage">What entities are sent to stop.</param>
    public ShardRegion(
        string typeName,
        Func<string, Props>? entityProps,
        ClusterShardingSettings settings,
        string coordinatorPath,
        IMessageExtractor extractor,
        object stopMessage
    )
    {
        _typeName = typeName;
        _entityProps = entityProps;
        _settings = settings;
        _coordinatorPath = coordinatorPath;
        _extractor = extractor;
        _stopMessage = stopMessage;
        _members = new(settings.Role);
        var tuning = settings.TuningParameters;
        _region = new(
            this,
            new(typeName, entityProps is not null, tuning.BufferSize, tuning.ShardFailureBackoff),
            extractor,
            _log
        );
    }

    public ITimerScheduler Timers { get; set; } = null!;

    IActorRef IRegionPort.Self => Self;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, MembersByAge.Events);
        ScheduleRetry(FirstRetry);
        var self = Self;
        // A member that leaves gives its shards away before it goes.
        CoordinatedShutdown
            .Get(Context.System)
            .AddTask(
                CoordinatedShutdown.PhaseClusterShardingShutdownRegion,
                $"region-shutdown-{_typeName}",
                () =>
                {
                    if (_cluster.IsTerminated || !TakesPart)
                        return Task.FromResult(Done.Instance);
                    self.Tell(GracefulShutdown.Instance);
                    return _stopped.Task;
                }
            );
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _stopped.TrySetResult(Done.Instance);
    }

    // A shard that fails is gone with its entities; the region starts it again.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                var coordinator = _region.Coordinator;
                _region.Terminated(terminated.ActorRef);
                if (coordinator is not null && _region.Coordinator is null)
                    ScheduleRetry(FirstRetry);
                return true;
            case ICoordinatorProtocol protocol:
                _region.Receive(protocol, Sender);
                return true;
            case ShardIsReady(var shard):
                _region.ShardReady(shard, Sender);
                return true;
            case Undelivered(var shard, var messages):
                _region.TakeBack(shard, messages);
                return true;
            case RetryTick:
                _region.RetryIsDue();
                ScheduleRetry(_region.Coordinator is null ? _retryDelay * 2 : RetryInterval);
                return true;
            case RestartTick(var shard):
                _region.RestartIsDue(shard);
                return true;
            case StopTick:
                _region.StopIsDue();
                return true;
            case GracefulShutdown:
                _region.ShutDown();
                return true;
            case GetCurrentRegions or GetClusterShardingStats:
                AskCoordinator(message);
                return true;
            case GetShardRegionStats:
                AskShards<Shard.Stats>(
                    Shard.GetStats.Instance,
                    (stats, failed) =>
                        new ShardRegionStats(
                            stats.ToImmutableDictionary(s => s.Shard, s => s.Entities, StringComparer.Ordinal),
                            failed
                        )
                );
                return true;
            case GetShardRegionState:
                AskShards<ShardState>(
                    GetShardRegionState.Instance,
                    (states, failed) => new CurrentShardRegionState([.. states], failed)
                );
                return true;
            case ClusterEvent.MemberDowned downed when IsSelf(downed.Member):
            case ClusterEvent.MemberRemoved removed when IsSelf(removed.Member):
                _log.Info("{0}: this node is no member of the cluster any more; its region stops", _typeName);
                Context.Stop(Self);
                return true;
            case ClusterEvent.CurrentClusterState or ClusterEvent.IMemberEvent:
                MembersChanged(message);
                return true;
            default:
                return _region.Deliver(message, Sender);
        }
    }

    void IRegionPort.Send(IActorRef target, object message, IActorRef sender) => target.Tell(message, sender);

    void IRegionPort.SendToCoordinator(object message)
    {
        // While the oldest leaves, the next one may have the coordinator already.
        foreach (var member in _members.All.Where(m => m.Status is not MemberStatus.Down).Take(2))
            Context.ActorSelection(new RootActorPath(member.Address) + _coordinatorPath).Tell(message, Self);
    }

    void IRegionPort.Watch(IActorRef target) => Context.Watch(target);

    void IRegionPort.Unwatch(IActorRef target) => Context.Unwatch(target);

    bool IRegionPort.IsGone(IActorRef subject) => _gone.Contains(subject.Path.Address);

    IActorRef IRegionPort.StartShard(string shard)
    {
        var props = Props.Create(() => new Shard(_typeName, shard, _entityProps!, _settings, _extractor, _stopMessage));
        return Context.Watch(Context.ActorOf(props, Uri.EscapeDataString(shard)));
    }

    void IRegionPort.StopShard(IActorRef shard) => Context.Stop(shard);

    void IRegionPort.ScheduleRestart(string shard, TimeSpan delay) =>
        Timers.StartSingleTimer(shard, new RestartTick(shard), delay);

    void IRegionPort.Drop(object message, IActorRef sender) => Context.System.DeadLetters.Tell(message, sender);

    void IRegionPort.ShutDownIsDone() => _stopped.TrySetResult(Done.Instance);

    void IRegionPort.ScheduleStop(TimeSpan delay) => Timers.StartSingleTimer("stop", StopTick.Instance, delay);

    void IRegionPort.Stop() => Context.Stop(Self);

    private TimeSpan RetryInterval => _settings.TuningParameters.RetryInterval;

    // A coordinator that is about to start is asked again soon, one that stays away ever more rarely.
    private void ScheduleRetry(TimeSpan delay)
    {
        _retryDelay = delay < RetryInterval ? delay : RetryInterval;
        Timers.StartSingleTimer("retry", RetryTick.Instance, _retryDelay);
    }

    private bool TakesPart =>
        _cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting;

    private bool IsSelf(Member member) => member.UniqueAddress == _cluster.SelfUniqueAddress;

    private void MembersChanged(object message)
    {
        _members.Apply(message);
        if (message is ClusterEvent.MemberRemoved removed)
            _gone.Add(removed.Member.Address);
        _gone.ExceptWith(_members.All.Select(member => member.Address));
        var oldest = _members.Oldest?.UniqueAddress;
        if (oldest == _oldest)
            return;
        _oldest = oldest;
        _region.CoordinatorMoves();
        ScheduleRetry(FirstRetry);
    }

    private void AskCoordinator(object query)
    {
        if (_region.Coordinator is { } coordinator)
            coordinator.Forward(query);
        else
            _log.Warning(
                "{0}: [{1}] has no answer, as the coordinator is not known yet",
                _typeName,
                query.GetType().Name
            );
    }

    private void AskShards<T>(object query, Func<IEnumerable<T>, IImmutableSet<string>, object> answer)
        where T : class => _ = AskShards([.. _region.ReadyShards], query, answer, Sender);

    private async Task AskShards<T>(
        ImmutableArray<KeyValuePair<string, IActorRef>> shards,
        object query,
        Func<IEnumerable<T>, IImmutableSet<string>, object> answer,
        IActorRef asker
    )
        where T : class
    {
        var limit = _settings.ShardRegionQueryTimeout;
        var answers = await Task.WhenAll(
                shards.Select(async shard =>
                {
                    try
                    {
                        return (shard.Key, Answer: await shard.Value.Ask<T>(query, limit).ConfigureAwait(false));
                    }
                    catch (Exception) // It is named as failed in the answer.
                    {
                        return (shard.Key, Answer: (T?)null);
                    }
                })
            )
            .ConfigureAwait(false);
        var failed = answers.Where(each => each.Answer is null).Select(each => each.Key);
        asker.Tell(
            answer(answers.Select(each => each.Answer).OfType<T>(), failed.ToImmutableHashSet(StringComparer.Ordinal)),
            ActorRefs.NoSender
        );
    }

    internal sealed record ShardIsReady(string Shard) : INoSerializationVerificationNeeded;

    internal sealed record Undelivered(string Shard, IReadOnlyList<(object Message, IActorRef Sender)> Messages)
        : INoSerializationVerificationNeeded;

    private sealed record RestartTick(string Shard) : INoSerializationVerificationNeeded;

    private sealed record StopTick : INoSerializationVerificationNeeded
    {
        public static readonly StopTick Instance = new();
    }

    private sealed record RetryTick : INoSerializationVerificationNeeded
    {
        public static readonly RetryTick Instance = new();
    }
}
