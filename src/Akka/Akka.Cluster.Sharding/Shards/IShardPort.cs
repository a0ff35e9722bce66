using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>What <see cref="ShardEntities"/> does to the world around it.</summary>
internal interface IShardPort
{
    /// <summary>Sends with that sender; null for the shard itself.</summary>
    void Send(IActorRef target, object message, IActorRef? sender = null);

    /// <summary>Starts an entity; it is watched.</summary>
    IActorRef StartEntity(string entity);

    /// <summary>Stops an entity without asking it.</summary>
    void StopEntity(IActorRef entity);

    /// <summary>Asks for the lease; <see cref="ShardEntities.LeaseAnswered"/> follows.</summary>
    void AcquireLease();

    /// <summary>Gives the lease back; <see cref="ShardEntities.LeaseReleased"/> follows.</summary>
    void ReleaseLease();

    /// <summary>Calls <see cref="ShardEntities.LeaseRetryIsDue"/> after the delay.</summary>
    void ScheduleLeaseRetry(TimeSpan delay);

    /// <summary>Calls <see cref="ShardEntities.HandOffIsLate"/> after the delay.</summary>
    void ScheduleHandOffLimit(TimeSpan delay);

    /// <summary>The shard takes messages.</summary>
    void Ready();

    /// <summary>Messages that could not be delivered before the entities stopped, back to the region.</summary>
    void GiveBack(IReadOnlyList<(object Message, IActorRef Sender)> undelivered);

    /// <summary>A message that cannot be delivered.</summary>
    void Drop(object message, IActorRef sender);

    /// <summary>A monotonic clock.</summary>
    TimeSpan Now { get; }

    /// <summary>Stops the shard with all entities.</summary>
    void Stop();
}

/// <summary>What is fixed about a shard.</summary>
/// <param name="LeaseRetryInterval">Null when there is no lease.</param>
/// <param name="PassivateIdleAfter">Zero for never.</param>
internal sealed record ShardSettings(
    string TypeName,
    string ShardId,
    int BufferSize,
    TimeSpan HandOffTimeout,
    TimeSpan PassivateIdleAfter,
    TimeSpan? LeaseRetryInterval,
    object StopMessage
);
