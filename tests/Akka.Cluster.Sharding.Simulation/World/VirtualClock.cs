namespace Akka.Cluster.Sharding.Simulation;

/// <summary>What happens when, in one thread: actions at one time run in the order in which they were scheduled.</summary>
internal sealed class VirtualClock
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _agenda = new();
    private long _order;

    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action action) => _agenda.Enqueue(action, (Now + delay, _order++));

    public void RunFor(TimeSpan span)
    {
        var end = Now + span;
        while (_agenda.TryPeek(out var action, out var due) && due.At <= end)
        {
            _agenda.Dequeue();
            Now = due.At;
            action();
        }
        Now = end;
    }
}
