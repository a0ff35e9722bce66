using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Util;

namespace Akka.Cluster.Protocol;

/// <summary>Asks a seed node whether it can be joined; carries the settings on which members have to agree.</summary>
internal sealed record InitJoin(Address From, ImmutableSortedDictionary<string, string> Agreed)
    : IClusterMessage,
        IDeadLetterSuppression;

/// <summary>The seed node can be joined, unless <see cref="Disagreement"/> says where the settings differ.</summary>
internal sealed record InitJoinAck(Address From, string? Disagreement) : IClusterMessage, IDeadLetterSuppression;

/// <summary>The seed node is in no cluster itself.</summary>
internal sealed record InitJoinNack(Address From) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Asks to be taken in.</summary>
internal sealed record Join(UniqueAddress Node, ImmutableHashSet<string> Roles, AppVersion AppVersion)
    : IClusterMessage;

/// <summary>The node was taken in; this is the state.</summary>
internal sealed record Welcome(UniqueAddress From, Gossip Gossip) : IClusterMessage;

/// <summary>The state as <see cref="From"/> knows it.</summary>
internal sealed record GossipEnvelope(UniqueAddress From, UniqueAddress To, Gossip Gossip) : IClusterMessage;

/// <summary>Which state <see cref="From"/> knows, for a node that is thought to know the same.</summary>
internal sealed record GossipStatus(UniqueAddress From, VectorClock Version) : IClusterMessage;

/// <summary>The node is done with leaving, and can be removed without waiting for a failure detector.</summary>
internal sealed record ExitingConfirmed(UniqueAddress Node) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Tells a node that goes on as a member that it was removed: it was away when that was decided.</summary>
internal sealed record RemovedNotice(UniqueAddress From, UniqueAddress Node) : IClusterMessage, IDeadLetterSuppression;

/// <summary>Asks for a sign of life.</summary>
internal sealed record Heartbeat(UniqueAddress From, long Sequence)
    : IClusterMessage,
        IDeadLetterSuppression,
        Remote.IPriorityMessage;

/// <summary>A sign of life.</summary>
internal sealed record HeartbeatResponse(UniqueAddress From, long Sequence)
    : IClusterMessage,
        IDeadLetterSuppression,
        Remote.IPriorityMessage;
