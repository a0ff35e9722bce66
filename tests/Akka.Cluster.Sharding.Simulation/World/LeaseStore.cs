namespace Akka.Cluster.Sharding.Simulation;

/// <summary>Leases in a database, by its clock: whoever asks first has one until he gives it back or does not renew it in time.</summary>
internal sealed class LeaseStore(VirtualClock clock, TimeSpan timeToLive)
{
    private readonly Dictionary<string, (long Owner, TimeSpan Until)> _leases = new(StringComparer.Ordinal);

    public bool TryTake(string name, long owner)
    {
        if (_leases.TryGetValue(name, out var lease) && lease.Owner != owner && lease.Until > clock.Now)
            return false;
        _leases[name] = (owner, clock.Now + timeToLive);
        return true;
    }

    public void GiveBack(string name, long owner)
    {
        if (_leases.TryGetValue(name, out var lease) && lease.Owner == owner)
            _leases.Remove(name);
    }
}
