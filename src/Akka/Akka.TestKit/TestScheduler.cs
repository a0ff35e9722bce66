using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>A scheduler whose time stands still until the test moves it; what falls due then runs on the test's thread.</summary>
public partial class TestScheduler : IScheduler, IAdvancedScheduler
{
    private readonly Lock sync = new();
    private readonly PriorityQueue<Work, (DateTimeOffset Due, long Order)> waiting = new();
    private readonly DateTimeOffset start;
    private DateTimeOffset now;
    private long order;

    /// <summary>Time begins at the time of the computer.</summary>
    public TestScheduler(Config schedulerConfig, ILoggingAdapter log) => now = start = TimeProvider.System.GetUtcNow();

    public DateTimeOffset Now
    {
        get
        {
            lock (sync)
                return now;
        }
    }

    public TimeSpan MonotonicClock => Now - start;

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    public IAdvancedScheduler Advanced => this;

    protected DateTimeOffset TimeNow => Now;

    /// <summary>Moves time on by <paramref name="offset"/>, running what falls due in its order.</summary>
    public void Advance(TimeSpan offset) => AdvanceTo(Now + offset);

    /// <summary>Moves time on to <paramref name="when"/>, running what falls due in its order.</summary>
    /// <exception cref="InvalidOperationException">That time has passed.</exception>
    public void AdvanceTo(DateTimeOffset when)
    {
        if (when < Now)
            throw new InvalidOperationException($"{when:O} has passed: it is {Now:O}");
        while (NextDue(when) is { } work)
        {
            if (work.Cancelable?.IsCancellationRequested == true)
                continue;
            work.Run();
            if (work.Interval is { } interval)
                Add(work with { Due = work.Due + interval });
        }
        lock (sync)
            now = when;
    }

    private Work? NextDue(DateTimeOffset until)
    {
        lock (sync)
        {
            if (!waiting.TryPeek(out var next, out _) || next.Due > until)
                return null;
            waiting.Dequeue();
            // What runs asks for the time at which it was due, not for the end of the leap.
            now = next.Due > now ? next.Due : now;
            return next;
        }
    }

    private void Schedule(TimeSpan delay, TimeSpan? interval, Action run, ICancelable? cancelable)
    {
        if (delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delay), delay, "a delay cannot be negative");
        if (interval <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "an interval is above zero");
        if (delay == TimeSpan.Zero && interval is null && cancelable?.IsCancellationRequested != true)
            run();
        else
            Add(new Work(Now + delay, interval, run, cancelable));
    }

    private void Add(Work work)
    {
        lock (sync)
            waiting.Enqueue(work, (work.Due, order++));
    }

    private sealed record Work(DateTimeOffset Due, TimeSpan? Interval, Action Run, ICancelable? Cancelable);
}
