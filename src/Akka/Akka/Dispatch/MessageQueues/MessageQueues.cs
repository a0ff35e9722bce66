using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Dispatch.MessageQueues;

/// <summary>The queue inside a mailbox: many write, one reads.</summary>
public interface IMessageQueue
{
    /// <summary>True when there is something.</summary>
    bool HasMessages { get; }

    /// <summary>How many messages there are.</summary>
    int Count { get; }

    /// <summary>Adds a message.</summary>
    void Enqueue(IActorRef receiver, Envelope envelope);

    /// <summary>Takes the oldest message.</summary>
    bool TryDequeue(out Envelope envelope);

    /// <summary>Turns all messages into dead letters of <paramref name="owner"/>.</summary>
    void CleanUp(IActorRef owner, IMessageQueue deadletters);
}

/// <summary>A queue without a limit and without a lock.</summary>
public class UnboundedMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private readonly ConcurrentQueue<Envelope> _queue = new();

    /// <inheritdoc/>
    public bool HasMessages => !_queue.IsEmpty;

    /// <inheritdoc/>
    public int Count => _queue.Count;

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope) => _queue.Enqueue(envelope);

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope) => _queue.TryDequeue(out envelope);

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}

/// <summary>A queue that holds so many messages; a sender waits for room, and after that the message is a dead letter.</summary>
public class BoundedMessageQueue : IMessageQueue, IBoundedMessageQueueSemantics
{
    private readonly BlockingCollection<Envelope> _queue;

    /// <summary>Takes <c>mailbox-capacity</c> and <c>mailbox-push-timeout-time</c>.</summary>
    public BoundedMessageQueue(Config config)
        : this(
            config.GetInt("mailbox-capacity", 1000),
            config.GetTimeSpan("mailbox-push-timeout-time", TimeSpan.FromSeconds(10))
        ) { }

    /// <summary>A queue of <paramref name="boundedCapacity"/> messages; a negative time-out waits for ever.</summary>
    public BoundedMessageQueue(int boundedCapacity, TimeSpan pushTimeOut)
    {
        _queue = new BlockingCollection<Envelope>(boundedCapacity);
        PushTimeOut = pushTimeOut;
    }

    /// <inheritdoc/>
    public TimeSpan PushTimeOut { get; }

    /// <inheritdoc/>
    public bool HasMessages => _queue.Count > 0;

    /// <inheritdoc/>
    public int Count => _queue.Count;

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        var wait = PushTimeOut < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : PushTimeOut;
        if (!_queue.TryAdd(envelope, wait) && receiver is IInternalActorRef { Provider: { } provider })
            provider.DeadLetters.Tell(
                new DeadLetter(envelope.Message, envelope.Sender ?? provider.DeadLetters, receiver),
                envelope.Sender
            );
    }

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope) => _queue.TryTake(out envelope);

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}
