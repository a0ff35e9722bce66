using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>What <see cref="Region"/> does to the world around it.</summary>
internal interface IRegionPort
{
    IActorRef Self { get; }

    /// <summary>Sends with that sender.</summary>
    void Send(IActorRef target, object message, IActorRef sender);

    /// <summary>Sends to where the coordinator may be: the oldest member, and the next, which may be taking over.</summary>
    void SendToCoordinator(object message);

    /// <summary><see cref="Region.Terminated"/> follows when it ends, or when its node is removed.</summary>
    void Watch(IActorRef target);

    void Unwatch(IActorRef target);

    /// <summary>True when its node was removed from the cluster and has not joined again.</summary>
    bool IsGone(IActorRef subject);

    /// <summary>Starts a shard; <see cref="Region.ShardReady"/> follows once it takes messages. It is watched.</summary>
    IActorRef StartShard(string shard);

    /// <summary>Stops a shard with its entities, without asking them.</summary>
    void StopShard(IActorRef shard);

    /// <summary>Calls <see cref="Region.RestartIsDue"/> after the delay.</summary>
    void ScheduleRestart(string shard, TimeSpan delay);

    /// <summary>A message that cannot be delivered.</summary>
    void Drop(object message, IActorRef sender);

    /// <summary>Nothing of this region is needed any more.</summary>
    void ShutDownIsDone();

    /// <summary>Calls <see cref="Region.StopIsDue"/> after the delay.</summary>
    void ScheduleStop(TimeSpan delay);

    /// <summary>Stops the region itself.</summary>
    void Stop();
}

/// <summary>What is fixed about a region.</summary>
/// <param name="TypeName">The name of the entity type, for logs.</param>
/// <param name="HostsShards">False for a proxy.</param>
/// <param name="BufferSize">Messages that are kept for shards without a home, all shards together.</param>
/// <param name="ShardFailureBackoff">How long until a shard that ended by itself is started again for messages that wait for it.</param>
internal sealed record RegionSettings(string TypeName, bool HostsShards, int BufferSize, TimeSpan ShardFailureBackoff);
