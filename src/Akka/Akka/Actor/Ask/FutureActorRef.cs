using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>A reference that takes one message, the answer to an ask. It enters the tree only if somebody looks at its path.</summary>
public sealed class FutureActorRef<T> : MinimalActorRef
{
    private readonly TaskCompletionSource<T> _result;
    private readonly IActorRefProvider _provider;
    private readonly Lock _lock = new();
    private HashSet<IActorRef>? _watchers;
    private ActorPath? _path;
    private bool _done;

    internal FutureActorRef(TaskCompletionSource<T> result, IActorRefProvider provider)
    {
        _result = result;
        _provider = provider;
    }

    /// <inheritdoc/>
    public override ActorPath Path
    {
        get
        {
            if (Volatile.Read(ref _path) is { } known)
                return known;
            lock (_lock)
            {
                if (_path is not null)
                    return _path;
                var path = _provider.TempPath();
                if (!_done)
                    _provider.RegisterTempActor(this, path);
                Volatile.Write(ref _path, path);
                return path;
            }
        }
    }

    /// <inheritdoc/>
    public override IActorRefProvider Provider => _provider;

    /// <inheritdoc/>
    public override IInternalActorRef Parent => _provider.TempContainer;

    /// <inheritdoc/>
    public override bool IsTerminated => _result.Task.IsCompleted;

    /// <inheritdoc/>
    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification death:
                Tell(new Terminated(death.Actor, death.ExistenceConfirmed, death.AddressTerminated), death.Actor);
                break;
            case Watch watch:
                AddWatcher(watch.Watcher);
                break;
            case Unwatch unwatch:
                lock (_lock)
                    _watchers?.Remove(unwatch.Watcher);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender)
    {
        var taken = message switch
        {
            T result => _result.TrySetResult(result),
            Status.Failure failure => _result.TrySetException(
                failure.Cause ?? new TaskCanceledException("Task cancelled by actor via Failure message.")
            ),
            _ => _result.TrySetException(
                new ArgumentException(
                    $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]"
                )
            ),
        };
        if (!taken)
            _provider.DeadLetters.Tell(new Event.DeadLetter(message, sender ?? _provider.DeadLetters, this), sender);
    }

    internal void Finish()
    {
        HashSet<IActorRef>? watchers;
        lock (_lock)
        {
            _done = true;
            (watchers, _watchers) = (_watchers, null);
            if (_path is not null)
                _provider.UnregisterTempActor(_path);
        }
        foreach (var watcher in watchers ?? [])
            TellOfTheEnd((IInternalActorRef)watcher);
    }

    private void AddWatcher(IActorRef watcher)
    {
        lock (_lock)
        {
            if (!_done)
            {
                (_watchers ??= []).Add(watcher);
                return;
            }
        }
        TellOfTheEnd((IInternalActorRef)watcher);
    }

    private void TellOfTheEnd(IInternalActorRef watcher) =>
        watcher.SendSystemMessage(new DeathWatchNotification(this, existenceConfirmed: true, addressTerminated: false));
}
