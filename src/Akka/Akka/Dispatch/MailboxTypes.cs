using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>What a queue is good for.</summary>
public interface ISemantics;

/// <summary>A queue without a limit.</summary>
public interface IUnboundedMessageQueueSemantics : ISemantics;

/// <summary>A queue with a limit.</summary>
public interface IBoundedMessageQueueSemantics : ISemantics
{
    /// <summary>How long a sender waits for room.</summary>
    TimeSpan PushTimeOut { get; }
}

/// <summary>A queue that messages can be put at the front of; every mailbox of this engine can.</summary>
public interface IDequeBasedMessageQueueSemantics : ISemantics;

/// <summary>A deque without a limit.</summary>
public interface IUnboundedDequeBasedMessageQueueSemantics
    : IDequeBasedMessageQueueSemantics,
        IUnboundedMessageQueueSemantics;

/// <summary>A deque with a limit.</summary>
public interface IBoundedDequeBasedMessageQueueSemantics
    : IDequeBasedMessageQueueSemantics,
        IBoundedMessageQueueSemantics;

/// <summary>Marks an actor that needs a mailbox of kind <typeparamref name="T"/>.</summary>
public interface IRequiresMessageQueue<T>
    where T : ISemantics;

/// <summary>Makes the queues of one kind of mailbox, from its section of the configuration.</summary>
public abstract class MailboxType
{
    /// <summary>The section.</summary>
    protected readonly Config Config;

    /// <summary>The system's settings.</summary>
    protected readonly Settings Settings;

    /// <summary>Takes settings and section.</summary>
    protected MailboxType(Settings settings, Config config)
    {
        Settings = settings;
        Config = config;
    }

    /// <summary>A new queue for <paramref name="owner"/>.</summary>
    public abstract IMessageQueue Create(IActorRef owner, ActorSystem system);
}

/// <summary>Mailboxes without a limit.</summary>
public sealed class UnboundedMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedMessageQueue();
}

/// <summary>Mailboxes without a limit for actors that stash.</summary>
public sealed class UnboundedDequeBasedMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedMessageQueue();
}

/// <summary>Mailboxes of <c>mailbox-capacity</c> messages.</summary>
public sealed class BoundedMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new BoundedMessageQueue(Config);
}

/// <summary>Mailboxes of <c>mailbox-capacity</c> messages for actors that stash.</summary>
public sealed class BoundedDequeBasedMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new BoundedMessageQueue(Config);
}
