using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>What regions and coordinator say to each other; not public, as its bytes are what others rely on.</summary>
internal interface ICoordinatorProtocol : IClusterShardingSerializable;

/// <summary>A region offers to host shards. Repeated until <see cref="RegisterAck"/>.</summary>
internal sealed record Register(IActorRef Region) : ICoordinatorProtocol, IDeadLetterSuppression;

/// <summary>A proxy wants homes of shards. Repeated until <see cref="RegisterAck"/>.</summary>
internal sealed record RegisterProxy(IActorRef Proxy) : ICoordinatorProtocol, IDeadLetterSuppression;

/// <summary>The coordinator knows the region.</summary>
internal sealed record RegisterAck(IActorRef Coordinator) : ICoordinatorProtocol;

/// <summary>Asks where a shard lives; it gets a home when it has none.</summary>
internal sealed record GetShardHome(string Shard) : ICoordinatorProtocol, IDeadLetterSuppression;

/// <summary>Where a shard lives.</summary>
internal sealed record ShardHome(string Shard, IActorRef Region) : ICoordinatorProtocol;

/// <summary>The region is to host a shard. Repeated until <see cref="ShardStarted"/>.</summary>
internal sealed record HostShard(string Shard) : ICoordinatorProtocol;

/// <summary>The region hosts it.</summary>
internal sealed record ShardStarted(string Shard) : ICoordinatorProtocol;

/// <summary>The shard is about to move: keep its messages from now on.</summary>
internal sealed record BeginHandOff(string Shard) : ICoordinatorProtocol;

/// <summary>Its messages are kept.</summary>
internal sealed record BeginHandOffAck(string Shard) : ICoordinatorProtocol;

/// <summary>All regions keep its messages: stop its entities.</summary>
internal sealed record HandOff(string Shard) : ICoordinatorProtocol;

/// <summary>None of its entities is left.</summary>
internal sealed record ShardStopped(string Shard) : ICoordinatorProtocol;

/// <summary>The region wants to be rid of its shards. Repeated until it has none.</summary>
internal sealed record GracefulShutdownReq(IActorRef Region) : ICoordinatorProtocol, IDeadLetterSuppression;

/// <summary>The region has stopped.</summary>
internal sealed record RegionStopped(IActorRef Region) : ICoordinatorProtocol, IDeadLetterSuppression;

/// <summary>Stored by the coordinator. These stay readable for ever.</summary>
internal interface ICoordinatorEvent : IClusterShardingSerializable;

internal sealed record ShardRegionRegistered(IActorRef Region) : ICoordinatorEvent;

internal sealed record ShardRegionProxyRegistered(IActorRef Proxy) : ICoordinatorEvent;

internal sealed record ShardRegionTerminated(IActorRef Region) : ICoordinatorEvent;

internal sealed record ShardRegionProxyTerminated(IActorRef Proxy) : ICoordinatorEvent;

internal sealed record ShardHomeAllocated(string Shard, IActorRef Region) : ICoordinatorEvent;

internal sealed record ShardHomeDeallocated(string Shard) : ICoordinatorEvent;
