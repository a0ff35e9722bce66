namespace Akka.Cluster.Protocol;

/// <summary>When the periodic work of a member is due.</summary>
internal sealed class Timers(ClusterSettings settings, TimeSpan start)
{
    private readonly Queue<TimeSpan> _speedUps = new();
    private TimeSpan _gossip = start + settings.PeriodicTasksInitialDelay;
    private TimeSpan _leader = start + settings.PeriodicTasksInitialDelay;
    private TimeSpan _reap = start + settings.PeriodicTasksInitialDelay;

    public TimeSpan NextDue
    {
        get
        {
            var next = _gossip < _leader ? _gossip : _leader;
            next = _reap < next ? _reap : next;
            return _speedUps.TryPeek(out var speedUp) && speedUp < next ? speedUp : next;
        }
    }

    public bool GossipIsDue(TimeSpan now) => IsDue(ref _gossip, settings.GossipInterval, now);

    public bool LeaderActionsAreDue(TimeSpan now) => IsDue(ref _leader, settings.LeaderActionsInterval, now);

    public bool ReapIsDue(TimeSpan now) => IsDue(ref _reap, settings.UnreachableNodesReaperInterval, now);

    public bool SpeedUpIsDue(TimeSpan now)
    {
        if (!_speedUps.TryPeek(out var due) || due > now)
            return false;
        _speedUps.Dequeue();
        return true;
    }

    /// <summary>Gossip twice more before the next time is due.</summary>
    public void SpeedUp(TimeSpan now)
    {
        _speedUps.Clear();
        _speedUps.Enqueue(now + settings.GossipInterval / 3);
        _speedUps.Enqueue(now + settings.GossipInterval * 2 / 3);
    }

    // After a pause of the process, what was missed is not made up for.
    private static bool IsDue(ref TimeSpan due, TimeSpan interval, TimeSpan now)
    {
        if (now < due)
            return false;
        due = due + interval > now ? due + interval : now + interval;
        return true;
    }
}
