using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>
/// The entities of one shard: started by their first message, stopped when idle, when they ask to be, and when the shard moves. No clock,
/// no actor: those are behind <see cref="IShardPort"/>, so that a simulation can run it.
/// </summary>
internal sealed class ShardEntities(
    IShardPort port,
    ShardSettings settings,
    IMessageExtractor extractor,
    ILoggingAdapter log
)
{
    // So that an entity that hangs ends before the coordinator gives the move up.
    private static readonly TimeSpan HandOffReserve = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Entity> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _ids = [];
    private readonly ShardBuffers _buffers = new(settings.BufferSize);
    private Phase _phase;
    private bool _late;
    private IActorRef? _handOffTo;

    private enum Phase
    {
        AcquiringLease,
        Ready,
        HandingOff,
        ReleasingLease,
        Stopped,
    }

    /// <summary>True while entities may run here.</summary>
    public bool IsLive => _phase is Phase.Ready or Phase.HandingOff;

    /// <summary>True while it takes messages.</summary>
    public bool IsReady => _phase is Phase.Ready;

    public IEnumerable<string> EntityIds => _byId.Keys;

    public int Count => _byId.Count;

    public void Start()
    {
        if (settings.LeaseRetryInterval is null)
            BecomeReady();
        else
            port.AcquireLease();
    }

    public void LeaseAnswered(bool acquired)
    {
        if (_phase != Phase.AcquiringLease)
            return;
        if (acquired)
            BecomeReady();
        else
            port.ScheduleLeaseRetry(settings.LeaseRetryInterval!.Value);
    }

    public void LeaseRetryIsDue()
    {
        if (_phase == Phase.AcquiringLease)
            port.AcquireLease();
    }

    /// <summary>Somebody else may have the lease from now on: nothing here may go on, not even in order to stop.</summary>
    public void LeaseLost()
    {
        if (!IsLive)
            return;
        _phase = Phase.Stopped;
        GiveBack();
        port.Stop();
    }

    public void LeaseReleased()
    {
        if (_phase == Phase.ReleasingLease)
            Finish();
    }

    /// <summary>A message that the region passed on.</summary>
    public void Deliver(object message, IActorRef sender)
    {
        if (extractor.EntityId(message) is not { Length: > 0 } id)
        {
            log.Warning("{0}: a message of {1} has an empty entity id", settings.TypeName, message.GetType());
            port.Drop(message, sender);
            return;
        }
        if (_phase != Phase.Ready || (_byId.TryGetValue(id, out var known) && known.Passivating))
        {
            if (!_buffers.TryAdd(id, message, sender))
                port.Drop(message, sender);
            return;
        }
        Pass(known ?? StartEntity(id), message, sender);
    }

    /// <summary>An entity asks to be stopped.</summary>
    public void Passivate(IActorRef entity, object stopMessage)
    {
        if (!_ids.TryGetValue(entity, out var id) || _byId[id].Passivating)
            return;
        _byId[id].Passivating = true;
        port.Send(entity, stopMessage);
    }

    /// <summary>Stops those that got no message for long.</summary>
    public void PassivateIdle()
    {
        if (_phase != Phase.Ready || settings.PassivateIdleAfter <= TimeSpan.Zero)
            return;
        var limit = port.Now - settings.PassivateIdleAfter;
        foreach (
            var (_, entity) in _byId
                .Where(each => !each.Value.Passivating && each.Value.LastMessageAt <= limit)
                .ToArray()
        )
            Passivate(entity.Ref, settings.StopMessage);
    }

    public void EntityTerminated(IActorRef entity)
    {
        if (!_ids.Remove(entity, out var id))
            return;
        _byId.Remove(id);
        if (_phase == Phase.HandingOff)
        {
            LastMessagesBeforeHandOff(id);
            FinishHandOffIfEmpty();
            return;
        }
        // Messages came while it was on its way out: it is needed still.
        foreach (var (message, sender) in _buffers.Take(id))
            Deliver(message, sender);
    }

    /// <summary>Stops all entities and then answers <see cref="ShardStopped"/>.</summary>
    public void HandOff(IActorRef replyTo)
    {
        _handOffTo = replyTo;
        switch (_phase)
        {
            case Phase.AcquiringLease:
                ReleaseLease();
                break;
            case Phase.Ready:
                _phase = Phase.HandingOff;
                foreach (var (_, entity) in _byId.OrderBy(each => each.Key, StringComparer.Ordinal))
                {
                    // One that passivates has its stop message already.
                    if (!entity.Passivating)
                        port.Send(entity.Ref, settings.StopMessage);
                }
                port.ScheduleHandOffLimit(HandOffLimit);
                FinishHandOffIfEmpty();
                break;
        }
    }

    /// <summary>Entities that have not stopped by now are stopped.</summary>
    public void HandOffIsLate()
    {
        if (_phase != Phase.HandingOff)
            return;
        _late = true;
        log.Warning(
            "{0}: {1} entities of shard [{2}] have not stopped within {3}; they are stopped now",
            settings.TypeName,
            _byId.Count,
            settings.ShardId,
            HandOffLimit
        );
        foreach (var (_, entity) in _byId)
            port.StopEntity(entity.Ref);
    }

    private TimeSpan HandOffLimit =>
        settings.HandOffTimeout > HandOffReserve + TimeSpan.FromSeconds(1)
            ? settings.HandOffTimeout - HandOffReserve
            : TimeSpan.FromSeconds(1);

    private void BecomeReady()
    {
        _phase = Phase.Ready;
        port.Ready();
    }

    // Messages that came while it passivated are older than any that is kept elsewhere, so they are for this shard still.
    private void LastMessagesBeforeHandOff(string id)
    {
        if (_late || !_buffers.Contains(id))
            return;
        var entity = StartEntity(id);
        foreach (var (message, sender) in _buffers.Take(id))
            Pass(entity, message, sender);
        port.Send(entity.Ref, settings.StopMessage);
    }

    private void Pass(Entity entity, object message, IActorRef sender)
    {
        entity.LastMessageAt = port.Now;
        if (extractor.EntityMessage(message) is { } inner)
            port.Send(entity.Ref, inner, sender);
        else
            port.Drop(message, sender);
    }

    private Entity StartEntity(string id)
    {
        var entity = new Entity(port.StartEntity(id));
        _byId.Add(id, entity);
        _ids.Add(entity.Ref, id);
        return entity;
    }

    private void FinishHandOffIfEmpty()
    {
        if (_byId.Count == 0)
            ReleaseLease();
    }

    private void ReleaseLease()
    {
        _phase = Phase.ReleasingLease;
        GiveBack();
        if (settings.LeaseRetryInterval is null)
            Finish();
        else
            port.ReleaseLease();
    }

    private void Finish()
    {
        _phase = Phase.Stopped;
        port.Send(_handOffTo!, new ShardStopped(settings.ShardId));
        port.Stop();
    }

    private void GiveBack() => port.GiveBack([.. _buffers.Keys.ToArray().SelectMany(_buffers.Take)]);

    private sealed class Entity(IActorRef reference)
    {
        public IActorRef Ref { get; } = reference;

        public bool Passivating { get; set; }

        public TimeSpan LastMessageAt { get; set; }
    }
}
