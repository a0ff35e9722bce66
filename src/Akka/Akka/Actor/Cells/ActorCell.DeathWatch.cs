using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public partial class ActorCell
{
    private Dictionary<IActorRef, object?>? _watching;
    private Dictionary<IActorRef, object?>? _terminatedQueued;
    private object? _terminatedInHand;
    private HashSet<IActorRef>? _watchedBy;
    private int _elsewhere;

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
        {
            CountElsewhere(target, -1);
            target.SendSystemMessage(new Unwatch(target, _self));
        }
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
        CountElsewhere(target, 1);
        target.SendSystemMessage(new Watch(target, _self));
        return subject;
    }

    private void ReceivedTerminated(Terminated terminated)
    {
        // Gone from the list when the actor took its watch back: then nothing comes any more.
        if (_terminatedQueued is null || !_terminatedQueued.Remove(terminated.ActorRef, out var message))
            return;
        _terminatedInHand = message;
        ReceiveMessage(message ?? terminated);
    }

    /// <summary>What is being processed is stashed: of a termination it has to be known that it will come once more.</summary>
    internal void CurrentIsStashed()
    {
        if (CurrentEnvelope.Message is Terminated terminated)
            (_terminatedQueued ??= [])[terminated.ActorRef] = _terminatedInHand;
    }

    private void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null && RemoveWatched(actor, out var message))
        {
            CountElsewhere(actor, -1);
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
        {
            if ((_watchedBy ??= []).Add(watcher))
                CountElsewhere(watcher, 1);
        }
    }

    private void RemoveWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && _watchedBy?.Remove(watcher) == true)
            CountElsewhere(watcher, -1);
    }

    // What was watched by a path without an incarnation dies as the incarnation that was there.
    private bool RemoveWatched(IActorRef actor, out object? message) =>
        _watching!.Remove(actor, out message)
        || (_elsewhere > 0 && actor.Path.Uid != 0 && _watching.Remove(new AnyIncarnationRef(actor.Path), out message));

    /// <summary>Hears of systems that are gone while an actor of another system is watched by this one or watches it.</summary>
    private void CountElsewhere(IActorRef reference, int change)
    {
        if (!IsElsewhere(reference))
            return;
        var before = _elsewhere;
        _elsewhere += change;
        if (before == 0)
            AddressTerminatedTopic.Get(System).Subscribe(_self);
        else if (_elsewhere == 0)
            AddressTerminatedTopic.Get(System).Unsubscribe(_self);
    }

    private static bool IsElsewhere(IActorRef reference) => reference is IActorRefScope { IsLocal: false };

    private void AddressTerminated(Address address)
    {
        // Its watchers are dead and need no word from here.
        foreach (var watcher in _watchedBy?.Where(IsAt).ToArray() ?? [])
            RemoveWatcher(_self, watcher);
        foreach (var subject in _watching?.Keys.Where(IsAt).ToArray() ?? [])
            _self.SendSystemMessage(
                new DeathWatchNotification(subject, existenceConfirmed: false, addressTerminated: true)
            );

        bool IsAt(IActorRef reference) => IsElsewhere(reference) && reference.Path.Address.Equals(address);
    }

    private void TellWatchersWeDied()
    {
        if (_watchedBy is null)
            return;
        foreach (var watcher in _watchedBy)
        {
            CountElsewhere(watcher, -1);
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
            {
                CountElsewhere(subject, -1);
                ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, _self));
            }
        }
        _watching = null;
        _terminatedQueued = null;
    }

    /// <summary>A key that is equal to every reference of a path that names no incarnation.</summary>
    private sealed class AnyIncarnationRef(ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path { get; } = path.WithUid(0);

        public override IActorRefProvider Provider => ActorRefs.Nobody.Provider;
    }
}
