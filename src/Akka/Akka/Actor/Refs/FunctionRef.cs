using System.Collections.Immutable;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// A reference that calls a function on the sender's thread. It can watch and be watched; it ends with the actor that it
/// was made in, or before.
/// </summary>
internal sealed class FunctionRef(
    ActorPath path,
    IActorRefProvider provider,
    EventStream eventStream,
    Action<IActorRef, object> tell
) : MinimalActorRef
{
    private readonly Lock _lock = new();
    private ImmutableHashSet<IActorRef> _watching = [];
    private ImmutableHashSet<IActorRef>? _watchedBy = [];

    public override ActorPath Path { get; } = path;

    public override IActorRefProvider Provider { get; } = provider;

    public override bool IsTerminated => Volatile.Read(ref _watchedBy) is null;

    public void Watch(IActorRef subject)
    {
        lock (_lock)
            _watching = _watching.Add(subject);
        ((IInternalActorRef)subject).SendSystemMessage(new Watch((IInternalActorRef)subject, this));
    }

    public void Unwatch(IActorRef subject)
    {
        lock (_lock)
            _watching = _watching.Remove(subject);
        ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, this));
    }

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                AddWatcher(watch);
                break;
            case Unwatch unwatch:
                lock (_lock)
                    _watchedBy = _watchedBy?.Remove(unwatch.Watcher);
                break;
            case DeathWatchNotification notification:
                bool watched;
                lock (_lock)
                {
                    watched = _watching.Contains(notification.Actor);
                    _watching = _watching.Remove(notification.Actor);
                }
                if (watched)
                    tell(
                        notification.Actor,
                        new Terminated(
                            notification.Actor,
                            notification.ExistenceConfirmed,
                            notification.AddressTerminated
                        )
                    );
                break;
        }
    }

    public override void Stop()
    {
        ImmutableHashSet<IActorRef>? watchers;
        ImmutableHashSet<IActorRef> watching;
        lock (_lock)
        {
            watchers = _watchedBy;
            watching = _watching;
            _watchedBy = null;
            _watching = [];
        }
        foreach (var subject in watching)
            ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, this));
        foreach (var watcher in watchers ?? [])
            ((IInternalActorRef)watcher).SendSystemMessage(
                new DeathWatchNotification(this, existenceConfirmed: true, addressTerminated: false)
            );
    }

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (IsTerminated)
            eventStream.Publish(new DeadLetter(message, sender ?? Provider.DeadLetters, this));
        else
            tell(sender, message);
    }

    private void AddWatcher(Watch watch)
    {
        lock (_lock)
        {
            if (_watchedBy is not null)
            {
                _watchedBy = _watchedBy.Add(watch.Watcher);
                return;
            }
        }
        watch.Watcher.SendSystemMessage(
            new DeathWatchNotification(this, existenceConfirmed: true, addressTerminated: false)
        );
    }
}
