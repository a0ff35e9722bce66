using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public partial class ActorCell
{
    private Dictionary<IActorRef, object?>? _watching;
    private Dictionary<IActorRef, object?>? _terminatedQueued;
    private HashSet<IActorRef>? _watchedBy;

    /// <inheritdoc/>
    public IActorRef Watch(IActorRef subject) => Watch(subject, null);

    /// <inheritdoc/>
    public IActorRef WatchWith(IActorRef subject, object message) =>
        Watch(subject, message ?? throw new ArgumentNullException(nameof(message)));

    /// <inheritdoc/>
    public IActorRef Unwatch(IActorRef subject)
    {
        var target = (IInternalActorRef)subject;
        if (!target.Equals(_self) && _watching?.Remove(target) == true)
            target.SendSystemMessage(new Unwatch(target, _self));
        _terminatedQueued?.Remove(target);
        return subject;
    }

    private IActorRef Watch(IActorRef subject, object? message)
    {
        var target = (IInternalActorRef)subject;
        if (target.Equals(_self))
            return subject;
        _watching ??= [];
        if (_watching.TryGetValue(target, out var before))
        {
            if (!Equals(before, message))
                throw new InvalidOperationException(
                    $"Watch({_self}, {target}) termination message was not overwritten from [{before ?? "Terminated"}] to [{message ?? "Terminated"}]. "
                        + "If this was intended, unwatch first before using Watch/WatchWith with another message."
                );
            return subject;
        }
        _watching.Add(target, message);
        target.SendSystemMessage(new Watch(target, _self));
        return subject;
    }

    private void ReceivedTerminated(Terminated terminated)
    {
        // Gone from the list when the actor took its watch back: then nothing comes any more.
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message))
            return;
        ReceiveMessage(message ?? terminated);
    }

    private void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null && _watching.Remove(actor, out var message))
        {
            if (!_children.IsTerminating)
            {
                (_terminatedQueued ??= [])[actor] = message;
                _self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated), actor);
            }
        }
        if (_children.Find(actor) is not null)
            HandleChildTerminated(actor);
    }

    private void AddWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self))
            (_watchedBy ??= []).Add(watcher);
    }

    private void RemoveWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self))
            _watchedBy?.Remove(watcher);
    }

    private void TellWatchersWeDied()
    {
        if (_watchedBy is null)
            return;
        foreach (var watcher in _watchedBy)
        {
            // The parent hears of it anyhow.
            if (!watcher.Equals(Parent))
                ((IInternalActorRef)watcher).SendSystemMessage(
                    new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false)
                );
        }
        _watchedBy = null;
    }

    private void UnwatchAll()
    {
        if (_watching is not null)
        {
            foreach (var subject in _watching.Keys)
                ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, _self));
        }
        _watching = null;
        _terminatedQueued = null;
    }
}
