using Akka.Actor;

namespace Akka.Remote.Associations;

/// <summary>A message as bytes.</summary>
internal readonly record struct SerializedMessage(int SerializerId, string Manifest, byte[] Bytes);

/// <summary>A message on its way to another system.</summary>
internal readonly record struct OutboundMessage(
    RemoteActorRef Recipient,
    IActorRef? Sender,
    object Message,
    OutboundSystemMessage? System
);

/// <summary>
/// A system message, kept until the other system has acknowledged its number. A watch outlasts the start that it was meant for: the next one
/// says that the watched actor is dead.
/// </summary>
internal sealed record OutboundSystemMessage(
    long Sequence,
    RemoteActorRef Recipient,
    SerializedMessage Message,
    long SinceTicks,
    bool IsWatch
);
