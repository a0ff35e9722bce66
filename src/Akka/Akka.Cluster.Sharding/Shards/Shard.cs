using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools;
using Akka.Coordination;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>The actor around <see cref="ShardEntities"/>: its lease, timers, and entities as children.</summary>
internal sealed class Shard : ActorBase, IWithTimers, IShardPort
{
    private readonly string _typeName;
    private readonly string _shardId;
    private readonly Func<string, Props> _entityProps;
    private readonly ClusterShardingSettings _settings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ShardEntities _entities;
    private readonly Lease? _lease;
    private bool _released;

    public Shard(
        string typeName,
        string shardId,
        Func<string, Props> entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor extractor,
        object stopMessage
    )
    {
        _typeName = typeName;
        _shardId = shardId;
        _entityProps = entityProps;
        _settings = settings;
        _entities = new(
            this,
            new(
                typeName,
                shardId,
                settings.TuningParameters.BufferSize,
                settings.TuningParameters.HandOffTimeout,
                settings.PassivateIdleEntityAfter,
                settings.LeaseSettings?.LeaseRetryInterval,
                stopMessage
            ),
            extractor,
            _log
        );
        if (settings.LeaseSettings is { } use)
        {
            _lease = LeaseProvider
                .Get(Context.System)
                .GetLease(
                    $"{Context.System.Name}-shard-{typeName}-{shardId}",
                    use.LeaseImplementation,
                    Cluster.Get(Context.System).SelfAddress.HostPort()
                );
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;

    TimeSpan IShardPort.Now => Context.System.Scheduler.MonotonicClock;

    protected override void PreStart()
    {
        if (_settings.PassivateIdleEntityAfter > TimeSpan.Zero)
            Timers.StartPeriodicTimer("idle", IdleTick.Instance, _settings.PassivateIdleEntityAfter / 2);
        _entities.Start();
    }

    // Entities have ended before this is called, so nobody else has the lease while one of them runs.
    protected override void PostStop()
    {
        if (!_released)
            _ = _lease?.ReleaseFor(Self);
    }

    protected override bool Receive(object message)
    {
        // A process that stood still does not know yet that its lease is somebody else's.
        if (_lease is not null && _entities.IsLive && !_lease.CheckLease())
            Lost(null);
        switch (message)
        {
            case Terminated terminated:
                _entities.EntityTerminated(terminated.ActorRef);
                return true;
            case HandOff:
                _entities.HandOff(Sender);
                return true;
            case Passivate passivate:
                _entities.Passivate(Sender, passivate.StopMessage);
                return true;
            case IdleTick:
                _entities.PassivateIdle();
                return true;
            case HandOffTick:
                _entities.HandOffIsLate();
                return true;
            case LeaseTick:
                _entities.LeaseRetryIsDue();
                return true;
            case LeaseAnswer(var acquired, var cause):
                if (!acquired)
                    LogNoLease(cause);
                _entities.LeaseAnswered(acquired);
                return true;
            case LeaseIsLost(var cause):
                Lost(cause);
                return true;
            case LeaseIsReleased(var cause):
                if (cause is not null)
                    _log.Warning(
                        "{0}: shard [{1}] could not give its lease back, which will run out: {2}",
                        _typeName,
                        _shardId,
                        cause.Message
                    );
                _entities.LeaseReleased();
                return true;
            case GetStats:
                Sender.Tell(new Stats(_shardId, _entities.Count), Self);
                return true;
            case GetShardRegionState:
                Sender.Tell(
                    new ShardState(_shardId, _entities.EntityIds.ToImmutableHashSet(StringComparer.Ordinal)),
                    Self
                );
                return true;
            default:
                _entities.Deliver(message, Sender);
                return true;
        }
    }

    void IShardPort.Send(IActorRef target, object message, IActorRef? sender) => target.Tell(message, sender ?? Self);

    IActorRef IShardPort.StartEntity(string entity) =>
        Context.Watch(Context.ActorOf(_entityProps(entity), Uri.EscapeDataString(entity)));

    void IShardPort.StopEntity(IActorRef entity) => Context.Stop(entity);

    void IShardPort.AcquireLease() => _ = _lease!.AcquireFor(Self);

    void IShardPort.ReleaseLease()
    {
        _released = true;
        _ = _lease!.ReleaseFor(Self);
    }

    void IShardPort.ScheduleLeaseRetry(TimeSpan delay) => Timers.StartSingleTimer("lease", LeaseTick.Instance, delay);

    void IShardPort.ScheduleHandOffLimit(TimeSpan delay) =>
        Timers.StartSingleTimer("hand-off", HandOffTick.Instance, delay);

    void IShardPort.Ready() => Context.Parent.Tell(new ShardRegion.ShardIsReady(_shardId), Self);

    void IShardPort.GiveBack(IReadOnlyList<(object Message, IActorRef Sender)> undelivered)
    {
        if (undelivered.Count > 0)
            Context.Parent.Tell(new ShardRegion.Undelivered(_shardId, undelivered), Self);
    }

    void IShardPort.Drop(object message, IActorRef sender) => Context.System.DeadLetters.Tell(message, sender);

    void IShardPort.Stop() => Context.Stop(Self);

    private void Lost(Exception? cause)
    {
        if (_entities.IsLive)
            _log.Error(
                "{0}: shard [{1}] lost its lease and stops its {2} entities: {3}",
                _typeName,
                _shardId,
                _entities.Count,
                cause?.Message ?? "it was not renewed in time"
            );
        _entities.LeaseLost();
    }

    private void LogNoLease(Exception? cause) =>
        _log.Warning(
            "{0}: shard [{1}] has to wait for its lease: {2}",
            _typeName,
            _shardId,
            cause?.Message ?? "somebody else holds it"
        );

    internal sealed record GetStats : INoSerializationVerificationNeeded
    {
        public static readonly GetStats Instance = new();
    }

    internal sealed record Stats(string Shard, int Entities) : INoSerializationVerificationNeeded;

    private sealed record IdleTick : INoSerializationVerificationNeeded
    {
        public static readonly IdleTick Instance = new();
    }

    private sealed record HandOffTick : INoSerializationVerificationNeeded
    {
        public static readonly HandOffTick Instance = new();
    }

    private sealed record LeaseTick : INoSerializationVerificationNeeded
    {
        public static readonly LeaseTick Instance = new();
    }
}
