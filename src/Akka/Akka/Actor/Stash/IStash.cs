using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Messages set aside by an actor, to be handled later in the order in which they came.</summary>
public interface IStash
{
    /// <summary>How many messages are set aside.</summary>
    int Count { get; }

    /// <summary>True when there are none.</summary>
    bool IsEmpty { get; }

    /// <summary>True when there are some.</summary>
    bool NonEmpty { get; }

    /// <summary>True when <see cref="Capacity"/> is reached.</summary>
    bool IsFull { get; }

    /// <summary>How many fit; negative without a limit.</summary>
    int Capacity { get; }

    /// <summary>Sets the current message aside; throws <see cref="StashOverflowException"/> when the stash is full.</summary>
    void Stash();

    /// <summary>Puts the oldest message back before all others.</summary>
    void Unstash();

    /// <summary>Puts all messages back before all others.</summary>
    void UnstashAll();

    /// <summary>Puts the messages back that <paramref name="predicate"/> picks and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Empties the stash and gives what was in it.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Puts messages before those in the stash.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}

/// <summary>An actor with a stash, which the engine sets before the first message.</summary>
public interface IActorStash
{
    /// <summary>The stash.</summary>
    IStash Stash { get; set; }
}

/// <summary>An actor with a stash on any mailbox.</summary>
public interface IWithUnrestrictedStash : IActorStash;

/// <summary>An actor with a stash.</summary>
public interface IWithStash : IWithUnrestrictedStash, IRequiresMessageQueue<IDequeBasedMessageQueueSemantics>;

/// <summary>An actor with a stash on a mailbox without a limit.</summary>
public interface IWithUnboundedStash
    : IWithUnrestrictedStash,
        IRequiresMessageQueue<IUnboundedDequeBasedMessageQueueSemantics>;

/// <summary>An actor with a stash on a mailbox with a limit.</summary>
public interface IWithBoundedStash
    : IWithUnrestrictedStash,
        IRequiresMessageQueue<IBoundedDequeBasedMessageQueueSemantics>;
