namespace Akka.Cluster.Simulation.Membership;

/// <summary>A lease in a database that all nodes reach, by the virtual time: held until given back, or until its owner was silent for too long.</summary>
internal sealed class VirtualLease
{
    /// <summary>As long as a living holder keeps it after a removal, so that one that leaves guards what it decided for no less.</summary>
    public static readonly TimeSpan Timeout = World.LeaseReleaseAfter;

    private UniqueAddress? _holder;
    private TimeSpan _renewed;

    public bool TryAcquire(UniqueAddress node, TimeSpan now)
    {
        if (_holder is not null && !_holder.Equals(node) && now - _renewed < Timeout)
            return false;
        (_holder, _renewed) = (node, now);
        return true;
    }

    public void Renew(UniqueAddress node, TimeSpan now)
    {
        if (IsHeldBy(node, now))
            _renewed = now;
    }

    public bool IsHeldBy(UniqueAddress node, TimeSpan now) => node.Equals(_holder) && now - _renewed < Timeout;

    public void Release(UniqueAddress node)
    {
        if (node.Equals(_holder))
            _holder = null;
    }
}
