namespace Hatchery.Mirroring.Simulation;

/// <summary>What happens next, and when.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private long _number;

    public TimeSpan Now { get; private set; }

    public void At(TimeSpan time, Action run) => _events.Enqueue(run, (time > Now ? time : Now, _number++));

    public void After(TimeSpan delay, Action run) => At(Now + delay, run);

    /// <summary>Runs what comes next; false when that lies after <paramref name="end"/>.</summary>
    public bool Step(TimeSpan end)
    {
        if (!_events.TryPeek(out _, out var next) || next.At > end)
        {
            Now = end;
            return false;
        }
        Now = next.At;
        _events.Dequeue()();
        return true;
    }
}
