using System.Collections.Immutable;
using Akka.Actor;
using Akka.Remote;

namespace Akka.Cluster.Protocol;

/// <summary>Whom a node asks for signs of life, and what it makes of the answers.</summary>
internal sealed class HeartbeatMonitor(
    UniqueAddress self,
    int watchedByEach,
    TimeSpan expectedAfter,
    IFailureDetectorRegistry<Address> detectors
)
{
    private readonly Dictionary<UniqueAddress, TimeSpan> _expectedFirst = [];
    private ImmutableHashSet<UniqueAddress> _watched = [];
    private ImmutableHashSet<UniqueAddress> _leftUnreachable = [];

    /// <summary>Those who are asked: the next on the ring, and such as were, until they can be reached again.</summary>
    public ImmutableHashSet<UniqueAddress> Watched => _watched.Union(_leftUnreachable);

    /// <summary>Takes note of another state.</summary>
    public void Update(MembershipState state)
    {
        var nodes = state.Members.Select(member => member.UniqueAddress).ToImmutableHashSet();
        var unreachable = state.UnreachableMembers.Select(member => member.UniqueAddress).ToImmutableHashSet();
        var watched = new HeartbeatRing(nodes, unreachable, watchedByEach).WatchedBy(self);
        foreach (var node in Watched.Except(watched))
        {
            // Who is only somebody else's to watch now is forgotten; one that is silent has to be seen to come back.
            if (!nodes.Contains(node) || detectors.IsAvailable(node.Address))
                Forget(node, nodes);
            else
                _leftUnreachable = _leftUnreachable.Add(node);
        }
        _watched = watched;
        _leftUnreachable = _leftUnreachable.Except(watched).Intersect(nodes);
    }

    /// <summary>Whom to ask now.</summary>
    public IReadOnlyCollection<UniqueAddress> Beat(TimeSpan now)
    {
        foreach (var node in Watched)
        {
            if (detectors.IsMonitoring(node.Address))
                _expectedFirst.Remove(node);
            // Who never answers is to be found out, too: from when an answer was due it counts as silent.
            else if (!_expectedFirst.TryGetValue(node, out var expected))
                _expectedFirst.Add(node, now + expectedAfter);
            else if (expected <= now)
                detectors.Heartbeat(node.Address);
        }
        foreach (var gone in _expectedFirst.Keys.Except(Watched).ToArray())
            _expectedFirst.Remove(gone);
        return Watched;
    }

    /// <summary>A sign of life.</summary>
    public void Answered(UniqueAddress node)
    {
        if (!Watched.Contains(node))
            return;
        detectors.Heartbeat(node.Address);
        if (!_leftUnreachable.Contains(node))
            return;
        _leftUnreachable = _leftUnreachable.Remove(node);
        detectors.Remove(node.Address);
    }

    // A new incarnation at the same address may be watched already.
    private void Forget(UniqueAddress node, ImmutableHashSet<UniqueAddress> nodes)
    {
        _leftUnreachable = _leftUnreachable.Remove(node);
        if (!nodes.Any(other => other.Address.Equals(node.Address) && !other.Equals(node)))
            detectors.Remove(node.Address);
    }
}
