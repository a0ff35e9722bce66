using Akka.Actor;

namespace Akka.TestKit;

/// <summary>A message and who sent it.</summary>
public abstract class MessageEnvelope
{
    public abstract object Message { get; }

    public abstract IActorRef Sender { get; }
}

/// <summary>A message that came.</summary>
public class RealMessageEnvelope(object message, IActorRef sender) : MessageEnvelope
{
    public override object Message { get; } = message;

    public override IActorRef Sender { get; } = sender;

    public override string ToString() => $"<{Message} from {Sender}>";
}

/// <summary>Stands for the last message while none came.</summary>
public sealed class NullMessageEnvelope : MessageEnvelope
{
    public static readonly NullMessageEnvelope Instance = new();

    private NullMessageEnvelope() { }

    /// <exception cref="InvalidOperationException">Always: none came.</exception>
    public override object Message => throw new InvalidOperationException("no message has been received yet");

    /// <exception cref="InvalidOperationException">Always: none came.</exception>
    public override IActorRef Sender => throw new InvalidOperationException("no message has been received yet");

    public override string ToString() => "<no message>";
}
