using Akka.Actor;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>Virtual time, and links between addresses that delay, lose, or carry nothing, each in one direction.</summary>
internal sealed class Network(Random random)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private readonly HashSet<(Address From, Address To)> _cut = [];
    private long _number;

    public TimeSpan Now { get; private set; }

    /// <summary>The share of messages that are lost, 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>The longest way of a message.</summary>
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    public void At(TimeSpan time, Action run) => _events.Enqueue(run, (time > Now ? time : Now, _number++));

    public void After(TimeSpan delay, Action run) => At(Now + delay, run);

    public bool Carries(Address from, Address to) => !_cut.Contains((from, to));

    public void Cut(Address from, Address to) => _cut.Add((from, to));

    public void Heal() => _cut.Clear();

    /// <summary>Messages overtake each other as their delays fall.</summary>
    public void Send(Address from, Address to, Action deliver)
    {
        if (random.NextDouble() >= Loss && Carries(from, to))
            After(LongestDelay * random.NextDouble(), deliver);
    }

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
