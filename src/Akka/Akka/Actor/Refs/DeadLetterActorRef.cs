using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A reference to a path where no actor is: what it is sent goes to dead letters.</summary>
public class EmptyLocalActorRef(IActorRefProvider provider, ActorPath path, EventStream? eventStream) : MinimalActorRef
{
    private readonly EventStream? _eventStream = eventStream;

    /// <inheritdoc/>
    public override ActorPath Path { get; } = path;

    /// <inheritdoc/>
    public override IActorRefProvider Provider { get; } = provider;

    /// <inheritdoc/>
    public override bool IsTerminated => true;

    /// <inheritdoc/>
    public override void SendSystemMessage(ISystemMessage message) => SpecialHandle(message, Provider.DeadLetters);

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is DeadLetter letter)
            SpecialHandle(letter.Message, letter.Sender);
        else if (!SpecialHandle(message, sender))
            _eventStream?.Publish(new DeadLetter(message, sender ?? Provider.DeadLetters, this));
    }

    /// <summary>Answers what the engine asks the dead; false when the message is a dead letter.</summary>
    protected virtual bool SpecialHandle(object message, IActorRef? sender)
    {
        switch (message)
        {
            case Watch watch:
                // Whoever watches the dead hears of the death at once.
                if (watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
                    watch.Watcher.SendSystemMessage(
                        new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false)
                    );
                return true;
            case ISystemMessage:
                return true;
            case Identify identify:
                sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
                return true;
            case ActorSelectionMessage selection:
                if (selection.Message is Identify asked)
                {
                    if (!selection.WildCardFanOut)
                        sender?.Tell(new ActorIdentity(asked.MessageId, null), ActorRefs.NoSender);
                }
                else if (selection.Message is IDeadLetterSuppression quiet)
                {
                    _eventStream?.Publish(new SuppressedDeadLetter(quiet, sender ?? Provider.DeadLetters, this));
                }
                else
                {
                    _eventStream?.Publish(new DeadLetter(selection.Message, sender ?? Provider.DeadLetters, this));
                }
                return true;
            case IDeadLetterSuppression suppressed:
                _eventStream?.Publish(new SuppressedDeadLetter(suppressed, sender ?? Provider.DeadLetters, this));
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Where messages end that nobody can receive: each is published as a <see cref="DeadLetter"/>.</summary>
public class DeadLetterActorRef(IActorRefProvider provider, ActorPath path, EventStream eventStream)
    : EmptyLocalActorRef(provider, path, eventStream)
{
    private readonly EventStream _stream = eventStream;

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        switch (message)
        {
            case Identify identify:
                sender?.Tell(new ActorIdentity(identify.MessageId, ActorRefs.Nobody), ActorRefs.NoSender);
                break;
            case DeadLetter letter:
                if (!SpecialHandle(letter))
                    _stream.Publish(letter);
                break;
            default:
                if (!SpecialHandle(message, sender))
                    _stream.Publish(new DeadLetter(message, sender ?? Provider.DeadLetters, this));
                break;
        }
    }

    private bool SpecialHandle(DeadLetter letter)
    {
        if (letter.Message is Watch watch)
        {
            if (!watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
                watch.Watcher.SendSystemMessage(
                    new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false)
                );
            return true;
        }
        if (letter.Message is IDeadLetterSuppression suppressed and not ISystemMessage)
        {
            _stream.Publish(new SuppressedDeadLetter(suppressed, letter.Sender, this));
            return true;
        }
        if (letter.Message is TimerMessage)
            return true;
        return SpecialHandle(letter.Message, letter.Sender);
    }
}

/// <summary>Takes everything and does nothing.</summary>
internal sealed class IgnoreActorRef(IActorRefProvider provider, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path { get; } = path;

    public override IActorRefProvider Provider { get; } = provider;
}

/// <summary>A path with children that are no actors, such as <c>/temp</c>.</summary>
internal sealed class VirtualPathContainer(IActorRefProvider provider, ActorPath path, IInternalActorRef parent)
    : MinimalActorRef
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IInternalActorRef> _children = new(
        StringComparer.Ordinal
    );

    public override ActorPath Path { get; } = path;

    public override IActorRefProvider Provider { get; } = provider;

    public override IInternalActorRef Parent { get; } = parent;

    public void Add(string name, IInternalActorRef reference) => _children[name] = reference;

    public void Remove(string name) => _children.TryRemove(name, out _);

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        if (name.Count == 0 || name[0].Length == 0)
            return this;
        return _children.TryGetValue(name[0], out var found)
            ? name.Count == 1
                ? found
                : found.GetChild([.. name.Skip(1)])
            : ActorRefs.Nobody;
    }
}
