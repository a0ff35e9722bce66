using Akka.Actor;

namespace Akka.Cluster.Daemon;

/// <summary>What the extension asks of its daemon.</summary>
internal abstract record Command : INoSerializationVerificationNeeded;

internal sealed record JoinTo(Address Address) : Command;

internal sealed record JoinSeeds(IReadOnlyList<Address> Seeds) : Command;

internal sealed record LeaveNode(Address Address) : Command;

internal sealed record DownNode(Address Address) : Command;

internal sealed record SendState(IActorRef Receiver) : Command;

internal sealed record Subscribe(
    IActorRef Subscriber,
    ClusterEvent.SubscriptionInitialStateMode Mode,
    IReadOnlyList<Type> To
) : Command;

internal sealed record Unsubscribe(IActorRef Subscriber, Type? To) : Command;

/// <summary>Runs a callback once when this node is Up.</summary>
internal sealed record CallWhenUp(Action Callback) : Command;

/// <summary>Coordinated shutdown leaves the cluster; answered when the others are being told.</summary>
internal sealed record LeaveSelf : Command;

/// <summary>Coordinated shutdown has stopped what runs on the cluster; answered at once.</summary>
internal sealed record ExitingDone : Command;
