using System.Collections.Immutable;

namespace Akka.Cluster;

/// <summary>
/// What nodes tell each other: the members, who has seen exactly this state, who sees whom, and a vector clock that
/// orders states. Tombstones name the incarnations that are gone, so that no late message brings one back. Immutable.
/// </summary>
internal sealed record Gossip(
    ImmutableSortedSet<Member> Members,
    ImmutableHashSet<UniqueAddress> Seen,
    Reachability Reachability,
    VectorClock Version,
    ImmutableDictionary<UniqueAddress, TimeSpan> Tombstones
)
{
    /// <summary>A node that restarts every few seconds must not let the gossip grow without end.</summary>
    public const int MaxTombstones = 256;

    public static readonly Gossip Empty = new(
        [],
        [],
        Reachability.Empty,
        VectorClock.Create(),
        ImmutableDictionary<UniqueAddress, TimeSpan>.Empty
    );

    private ImmutableDictionary<UniqueAddress, Member>? _byNode;

    public bool HasMember(UniqueAddress node) => ByNode.ContainsKey(node);

    /// <summary>The member; one that is Removed where there is none.</summary>
    public Member Member(UniqueAddress node) =>
        ByNode.TryGetValue(node, out var member) ? member : Akka.Cluster.Member.Removed(node, [], Util.AppVersion.Zero);

    public bool SeenBy(UniqueAddress node) => Seen.Contains(node);

    /// <summary>The same state after a change by <paramref name="node"/>.</summary>
    public Gossip Increment(VectorClock.Node node) => this with { Version = Version.Increment(node) };

    public Gossip MarkSeen(UniqueAddress node) => Seen.Contains(node) ? this : this with { Seen = Seen.Add(node) };

    public Gossip OnlySeenBy(UniqueAddress node) => this with { Seen = [node] };

    public Gossip ClearSeen() => this with { Seen = [] };

    /// <summary>The same state, seen by those who saw it in either copy.</summary>
    public Gossip MergeSeen(Gossip that) => this with { Seen = Seen.Union(that.Seen) };

    /// <summary>With these members in place of their earlier selves.</summary>
    public Gossip Update(IEnumerable<Member> changed)
    {
        var members = Members.ToBuilder();
        foreach (var member in changed)
        {
            members.Remove(member);
            members.Add(member);
        }
        return WithMembers(members.ToImmutable());
    }

    public Gossip WithMembers(ImmutableSortedSet<Member> members) => this with { Members = members, _byNode = null };

    /// <summary>With that member Down: what it had seen counts no more.</summary>
    public Gossip MarkDown(Member member) =>
        Update([member.Copy(MemberStatus.Down)]) with
        {
            Seen = Seen.Remove(member.UniqueAddress),
        };

    /// <summary>Without any trace of these nodes but a tombstone each.</summary>
    /// <param name="nodes">Incarnations that never come back.</param>
    /// <param name="now">The monotonic time of the caller.</param>
    public Gossip RemoveAll(IReadOnlyCollection<UniqueAddress> nodes, TimeSpan now)
    {
        if (nodes.Count == 0)
            return this;
        return WithMembers(Members.Except(Members.Where(member => nodes.Contains(member.UniqueAddress)))) with
        {
            Seen = Seen.Except(nodes),
            Reachability = Reachability.Remove(nodes),
            Version = nodes.Aggregate(Version, (version, node) => version.Prune(node.ClockNode)),
            Tombstones = Bounded(Tombstones.SetItems(nodes.Select(node => KeyValuePair.Create(node, now)))),
        };
    }

    public Gossip PruneTombstones(TimeSpan removedBefore)
    {
        var old = Tombstones.Where(grave => grave.Value < removedBefore).Select(grave => grave.Key).ToArray();
        return old.Length == 0 ? this : this with { Tombstones = Tombstones.RemoveRange(old) };
    }

    /// <summary>What both know; nobody has seen it yet.</summary>
    public Gossip Merge(Gossip that)
    {
        var tombstones = Tombstones;
        foreach (var (node, at) in that.Tombstones)
        {
            if (!tombstones.TryGetValue(node, out var known) || at < known)
                tombstones = tombstones.SetItem(node, at);
        }
        tombstones = Bounded(tombstones);
        // Only a tombstone says that a member was removed. One that is Down here and missing there may be alive yet, and unknown there:
        // left out, it would come back with the next word of it as if nobody had downed it.
        ImmutableSortedSet<Member> members =
        [
            .. Members
                .Concat(that.Members)
                .GroupBy(member => member.UniqueAddress)
                .Where(views => !tombstones.ContainsKey(views.Key))
                .Select(views => views.Aggregate(Akka.Cluster.Member.HighestPriorityOf)),
        ];
        var nodes = members.Select(member => member.UniqueAddress).ToHashSet();
        // Of a node that is gone nothing may stay in the clock, or states differ that are the same.
        var clockNodes = nodes.Select(node => node.ClockNode).ToHashSet();
        var version = Version.Merge(that.Version);
        foreach (var node in version.Versions.Keys.Where(node => !clockNodes.Contains(node)))
            version = version.Prune(node);
        return new Gossip(members, [], Reachability.Merge(nodes, that.Reachability), version, tombstones);
    }

    /// <summary>True when both say the same of members and reachability, whatever their clocks say.</summary>
    public bool SaysTheSameAs(Gossip that) =>
        Members.Count == that.Members.Count
        && Members
            .Zip(that.Members)
            .All(pair =>
                pair.First.Equals(pair.Second)
                && pair.First.Status == pair.Second.Status
                && pair.First.UpNumber == pair.Second.UpNumber
            )
        && Reachability.Equals(that.Reachability);

    public override string ToString() =>
        $"Gossip(members = [{string.Join(", ", Members.Select(member => $"{member.Address}#{member.UniqueAddress.Uid} {member.Status}"))}], seen = [{string.Join(", ", Seen.Select(node => node.Address))}], reachability = [{Reachability}], version = {Version})";

    private ImmutableDictionary<UniqueAddress, Member> ByNode =>
        _byNode ??= Members.ToImmutableDictionary(member => member.UniqueAddress);

    private static ImmutableDictionary<UniqueAddress, TimeSpan> Bounded(
        ImmutableDictionary<UniqueAddress, TimeSpan> tombstones
    ) =>
        tombstones.Count <= MaxTombstones
            ? tombstones
            : tombstones
                .OrderByDescending(grave => grave.Value)
                .ThenBy(grave => grave.Key)
                .Take(MaxTombstones)
                .ToImmutableDictionary();
}
