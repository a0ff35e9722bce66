namespace Akka.Actor;

/// <summary>Timers of one actor, by key: a new one of a key replaces the old, whose message then never comes.</summary>
public interface ITimerScheduler
{
    /// <summary>The keys of the timers that run.</summary>
    IReadOnlyCollection<object> ActiveTimers { get; }

    /// <summary>Sends <paramref name="msg"/> every <paramref name="interval"/>.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan interval);

    /// <summary>Sends <paramref name="msg"/> every <paramref name="interval"/>, from <paramref name="sender"/>.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender);

    /// <summary>Sends <paramref name="msg"/> after a delay and then every <paramref name="interval"/>.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

    /// <summary>Sends <paramref name="msg"/> after a delay and then every <paramref name="interval"/>, from <paramref name="sender"/>.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender);

    /// <summary>Sends <paramref name="msg"/> once.</summary>
    void StartSingleTimer(object key, object msg, TimeSpan timeout);

    /// <summary>Sends <paramref name="msg"/> once, from <paramref name="sender"/>.</summary>
    void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender);

    /// <summary>True while the timer runs.</summary>
    bool IsTimerActive(object key);

    /// <summary>Stops a timer; its message does not come any more, even if it is already in the mailbox.</summary>
    void Cancel(object key);

    /// <summary>Stops all timers.</summary>
    void CancelAll();
}

/// <summary>An actor with timers, which the engine sets before the first message.</summary>
public interface IWithTimers
{
    /// <summary>The timers.</summary>
    ITimerScheduler Timers { get; set; }
}

internal record TimerMessage(object Key, long Generation, TimerScheduler Owner) : INoSerializationVerificationNeeded;

internal sealed record QuietTimerMessage(object Key, long Generation, TimerScheduler Owner)
    : TimerMessage(Key, Generation, Owner),
        INotInfluenceReceiveTimeout;

/// <summary>The timers of one incarnation; their ticks pass through the mailbox, where outdated ones are told by generation.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, Timer> _timers = [];
    private long _generation;

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) =>
        Start(key, msg, interval, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) =>
        Start(key, msg, initialDelay, interval, null);

    public void StartPeriodicTimer(
        object key,
        object msg,
        TimeSpan initialDelay,
        TimeSpan interval,
        IActorRef sender
    ) => Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, null);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) =>
        Start(key, msg, timeout, null, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer))
            timer.Task.Cancel();
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values)
            timer.Task.Cancel();
        _timers.Clear();
    }

    /// <summary>What is to be handled for a tick; null for a tick of a timer that was stopped or replaced.</summary>
    public (object Message, IActorRef? Sender)? Intercept(TimerMessage tick)
    {
        if (
            !ReferenceEquals(tick.Owner, this)
            || !_timers.TryGetValue(tick.Key, out var timer)
            || timer.Generation != tick.Generation
        )
            return null;
        if (!timer.Repeats)
            _timers.Remove(tick.Key);
        return (timer.Message, timer.Sender);
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, IActorRef? sender)
    {
        Cancel(key);
        var generation = ++_generation;
        var tick =
            message is INotInfluenceReceiveTimeout
                ? new QuietTimerMessage(key, generation, this)
                : new TimerMessage(key, generation, this);
        var task = new Cancelable(cell.SystemImpl.Scheduler.Advanced);
        if (interval is { } every)
            cell.SystemImpl.Scheduler.ScheduleTellRepeatedly(delay, every, cell.Self, tick, cell.Self, task);
        else
            cell.SystemImpl.Scheduler.ScheduleTellOnce(delay, cell.Self, tick, cell.Self, task);
        _timers[key] = new Timer(message, generation, interval is not null, sender, task);
    }

    private sealed record Timer(object Message, long Generation, bool Repeats, IActorRef? Sender, ICancelable Task);
}
