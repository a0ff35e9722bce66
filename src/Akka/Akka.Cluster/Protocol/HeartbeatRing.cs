using System.Collections.Immutable;
using System.Text;

namespace Akka.Cluster.Protocol;

/// <summary>
/// Who watches whom: all nodes on a ring, in an order by hash that is the same everywhere, and each watches the next
/// few. Nodes that are unreachable are watched on top of these, or a row of dead nodes would hide the living.
/// </summary>
internal sealed class HeartbeatRing
{
    private readonly UniqueAddress[] _nodes;
    private readonly ImmutableHashSet<UniqueAddress> _unreachable;
    private readonly int _watchedByEach;

    public HeartbeatRing(
        IEnumerable<UniqueAddress> nodes,
        ImmutableHashSet<UniqueAddress> unreachable,
        int watchedByEach
    )
    {
        _nodes = [.. nodes.OrderBy(Hash).ThenBy(node => node)];
        _unreachable = unreachable;
        _watchedByEach = watchedByEach;
    }

    /// <summary>Those that <paramref name="node"/> watches.</summary>
    public ImmutableHashSet<UniqueAddress> WatchedBy(UniqueAddress node)
    {
        var at = Array.IndexOf(_nodes, node);
        if (at < 0)
            return [];
        var watched = ImmutableHashSet.CreateBuilder<UniqueAddress>();
        var left = _watchedByEach;
        for (var step = 1; step < _nodes.Length && left > 0; step++)
        {
            var next = _nodes[(at + step) % _nodes.Length];
            watched.Add(next);
            if (!_unreachable.Contains(next))
                left--;
        }
        return watched.ToImmutable();
    }

    // FNV-1a: neighbours by address often fail together, so they should not be neighbours here.
    private static uint Hash(UniqueAddress node)
    {
        var hash = 2166136261;
        foreach (var b in Encoding.UTF8.GetBytes($"{node.Address}#{node.Uid}"))
            hash = unchecked((hash ^ b) * 16777619);
        return hash;
    }
}
