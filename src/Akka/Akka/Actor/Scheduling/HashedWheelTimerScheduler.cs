using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// The system's scheduler: one thread that fires what is due, in the order of the due times. It keeps a heap instead of
/// a wheel, so a delay is exact to the operating system's own timers and <c>tick-duration</c> has no effect; what is
/// called off leaves the heap at once.
/// </summary>
public class HashedWheelTimerScheduler : SchedulerBase, IDisposable
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    private readonly Lock _lock = new();
    private readonly TimerHeap _heap = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private long _sequence;
    private bool _stopped;

    /// <summary>Starts the thread.</summary>
    public HashedWheelTimerScheduler(Config scheduler, ILoggingAdapter log)
        : base(scheduler, log)
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "akka-scheduler" };
        _thread.Start();
    }

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(Start);

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(Start);

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay,
        ICanTell receiver,
        object message,
        IActorRef? sender,
        ICancelable? cancelable
    ) => Add(delay, null, new ScheduledTell(receiver, message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef? sender,
        ICancelable? cancelable
    ) => Add(initialDelay, interval, new ScheduledTell(receiver, message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Add(delay, null, new ActionRunnable(action), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Add(delay, null, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        Action action,
        ICancelable? cancelable
    ) => Add(initialDelay, interval, new ActionRunnable(action), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        IRunnable action,
        ICancelable? cancelable
    ) => Add(initialDelay, interval, action, cancelable);

    /// <summary>Stops the thread; what was scheduled does not happen.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopped)
                return;
            _stopped = true;
            _heap.Clear();
        }
        _wake.Set();
        GC.SuppressFinalize(this);
    }

    internal void Remove(ScheduledWork work)
    {
        lock (_lock)
            _heap.Remove(work);
    }

    private void Add(TimeSpan delay, TimeSpan? interval, IRunnable run, ICancelable? cancelable)
    {
        if (cancelable?.IsCancellationRequested == true)
            return;
        var work = new ScheduledWork(this, run, interval, cancelable) { Due = MonotonicClock + delay };
        // Before the entry can fire, so that firing can always let the registration go.
        work.Attach();
        bool first;
        lock (_lock)
        {
            if (_stopped)
                throw new SchedulerException("cannot enqueue after timer shutdown");
            work.Sequence = _sequence++;
            _heap.Add(work);
            first = ReferenceEquals(_heap.First, work);
        }
        if (work.IsCancelled)
            Remove(work);
        else if (first)
            _wake.Set();
    }

    private void Loop()
    {
        var due = new List<ScheduledWork>();
        while (true)
        {
            var wait = Timeout.InfiniteTimeSpan;
            lock (_lock)
            {
                if (_stopped)
                    break;
                var now = MonotonicClock;
                while (_heap.First is { } first && first.Due <= now)
                {
                    _heap.Remove(first);
                    due.Add(first);
                }
                if (_heap.First is { } next)
                    wait = TimeSpan.FromMilliseconds(
                        Math.Ceiling(Math.Min((next.Due - now).TotalMilliseconds, 3_600_000))
                    );
            }
            if (due.Count == 0)
            {
                _wake.WaitOne(wait);
                continue;
            }
            foreach (var work in due)
                Fire(work);
            due.Clear();
        }
        _wake.Dispose();
    }

    private void Fire(ScheduledWork work)
    {
        if (work.IsCancelled)
            return;
        try
        {
            work.Run.Run();
        }
        catch (Exception cause)
        {
            // What failed once is not run again.
            Log.Error(cause, "The scheduler failed to run [{0}]", work.Run);
            work.Detach();
            return;
        }
        if (work.Interval is not { } interval || work.IsCancelled)
        {
            work.Detach();
            return;
        }
        lock (_lock)
        {
            if (_stopped)
                return;
            // Fixed rate, but a clock that jumped (a suspended machine) is not made up for.
            var now = MonotonicClock;
            work.Due = work.Due + interval > now ? work.Due + interval : now + interval;
            work.Sequence = _sequence++;
            _heap.Add(work);
            if (work.IsCancelled)
                _heap.Remove(work);
        }
    }

    private sealed class ScheduledTell(ICanTell receiver, object message, IActorRef? sender) : IRunnable
    {
        public void Run() => receiver.Tell(message, sender);

        public void Execute() => Run();

        public override string ToString() => $"[{receiver}.Tell({message}, {sender})]";
    }
}

/// <summary>One entry of the scheduler.</summary>
internal sealed class ScheduledWork(
    HashedWheelTimerScheduler scheduler,
    IRunnable run,
    TimeSpan? interval,
    ICancelable? cancelable
)
{
    private CancellationTokenRegistration _registration;

    public IRunnable Run { get; } = run;

    public TimeSpan? Interval { get; } = interval;

    public TimeSpan Due { get; set; }

    public long Sequence { get; set; }

    /// <summary>Where it stands in the heap; negative when it does not.</summary>
    public int Index { get; set; } = -1;

    public bool IsCancelled => cancelable?.IsCancellationRequested == true;

    /// <summary>Has the entry leave the heap as soon as it is called off.</summary>
    public void Attach()
    {
        if (cancelable is not null)
            _registration = cancelable.Token.UnsafeRegister(static work => ((ScheduledWork)work!).Cancelled(), this);
    }

    public void Detach() => _registration.Unregister();

    private void Cancelled() => scheduler.Remove(this);
}

/// <summary>A binary heap by due time whose entries know their place.</summary>
internal sealed class TimerHeap
{
    private readonly List<ScheduledWork> _items = [];

    public ScheduledWork? First => _items.Count > 0 ? _items[0] : null;

    public void Add(ScheduledWork work)
    {
        _items.Add(work);
        work.Index = _items.Count - 1;
        Up(work.Index);
    }

    public void Remove(ScheduledWork work)
    {
        var index = work.Index;
        if (index < 0)
            return;
        var last = _items.Count - 1;
        Swap(index, last);
        _items.RemoveAt(last);
        work.Index = -1;
        if (index < last)
        {
            Up(index);
            Down(index);
        }
    }

    public void Clear()
    {
        foreach (var work in _items)
            work.Index = -1;
        _items.Clear();
    }

    private void Up(int index)
    {
        while (index > 0 && Before(index, (index - 1) / 2))
        {
            Swap(index, (index - 1) / 2);
            index = (index - 1) / 2;
        }
    }

    private void Down(int index)
    {
        while (true)
        {
            var least = index;
            for (var child = (index * 2) + 1; child <= (index * 2) + 2 && child < _items.Count; child++)
            {
                if (Before(child, least))
                    least = child;
            }
            if (least == index)
                return;
            Swap(index, least);
            index = least;
        }
    }

    private bool Before(int a, int b)
    {
        var order = _items[a].Due.CompareTo(_items[b].Due);
        return order < 0 || (order == 0 && _items[a].Sequence < _items[b].Sequence);
    }

    private void Swap(int a, int b)
    {
        (_items[a], _items[b]) = (_items[b], _items[a]);
        _items[a].Index = a;
        _items[b].Index = b;
    }
}
