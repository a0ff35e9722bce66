namespace Akka.Actor;

/// <summary>A message and who sent it.</summary>
public readonly struct Envelope(object message, IActorRef? sender)
{
    /// <summary>The sender.</summary>
    public IActorRef Sender { get; } = sender ?? ActorRefs.NoSender;

    /// <summary>The message.</summary>
    public object Message { get; } = message;

    /// <summary>An envelope whose missing sender becomes the dead letters of <paramref name="system"/>.</summary>
    public Envelope(object message, IActorRef? sender, ActorSystem system)
        : this(message, sender ?? system.DeadLetters) { }

    /// <inheritdoc/>
    public override string ToString() => $"<Envelope from {Sender}: {Message}>";
}
