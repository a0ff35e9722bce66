using Akka.Actor;
using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

/// <summary>A logic with timers, told apart by their keys and cancelled when the stage ends.</summary>
public abstract class TimerGraphStageLogic : GraphStageLogic
{
    private readonly Dictionary<object, Timer> _timers = [];

    protected TimerGraphStageLogic(Shape shape)
        : base(shape) { }

    /// <summary>Called when the timer of that key fires.</summary>
    protected internal abstract void OnTimer(object timerKey);

    /// <summary>Starts a timer that fires once; a running one of that key is cancelled.</summary>
    protected internal void ScheduleOnce(object timerKey, TimeSpan delay) =>
        Start(timerKey, repeats: false, fire => Materializer.ScheduleOnce(delay, fire));

    /// <summary>Starts a timer that fires again and again; a running one of that key is cancelled.</summary>
    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan interval) =>
        ScheduleRepeatedly(timerKey, interval, interval);

    /// <summary>Starts a timer that fires again and again; a running one of that key is cancelled.</summary>
    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan initialDelay, TimeSpan interval) =>
        Start(timerKey, repeats: true, fire => Materializer.ScheduleRepeatedly(initialDelay, interval, fire));

    /// <summary>Stops the timer; it fires no more, not even when its signal is already on the way.</summary>
    protected internal void CancelTimer(object timerKey)
    {
        if (_timers.Remove(timerKey, out var timer))
            timer.Cancel();
    }

    protected internal bool IsTimerActive(object timerKey) => _timers.ContainsKey(timerKey);

    protected internal sealed override void AfterPostStop()
    {
        foreach (var timer in _timers.Values)
            timer.Cancel();
        _timers.Clear();
        base.AfterPostStop();
    }

    private void Start(object key, bool repeats, Func<Action, ICancelable> schedule)
    {
        CancelTimer(key);
        var timer = new Timer(this, key, repeats);
        _timers[key] = timer;
        timer.Task = schedule(timer.Signal);
    }

    private void Fired(Timer timer)
    {
        if (!_timers.TryGetValue(timer.Key, out var current) || !ReferenceEquals(current, timer))
            return;
        if (!timer.Repeats)
            _timers.Remove(timer.Key);
        OnTimer(timer.Key);
    }

    /// <summary>One scheduled timer. A tick that finds the one before unhandled adds nothing to the queue.</summary>
    private sealed class Timer(TimerGraphStageLogic logic, object key, bool repeats) : IslandSignal(logic)
    {
        public object Key => key;

        public bool Repeats => repeats;

        public ICancelable? Task { get; set; }

        public void Cancel() => Task?.Cancel();

        protected override void Handle() => logic.Fired(this);
    }
}
