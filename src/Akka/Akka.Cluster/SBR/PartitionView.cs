using System.Collections.Immutable;

namespace Akka.Cluster.SBR;

/// <summary>
/// A partition as one of its sides sees it. Members that are Down or Exiting count on no side; Joining and WeaklyUp ones
/// may be Up at the other side already, and Leaving ones Exiting.
/// </summary>
internal sealed class PartitionView
{
    private readonly ImmutableSortedSet<Member> _members;
    private readonly Reachability _reachability;
    private readonly ImmutableHashSet<UniqueAddress> _seenBy;

    public PartitionView(MembershipState state)
        : this(state.Members, state.ReachabilityWithoutDownedObservers, state.Gossip.Seen, state.Self) { }

    private PartitionView(
        ImmutableSortedSet<Member> members,
        Reachability reachability,
        ImmutableHashSet<UniqueAddress> seenBy,
        UniqueAddress self
    )
    {
        _members = members;
        _reachability = reachability;
        _seenBy = seenBy;
        Self = self;
        Unreachable = reachability.AllUnreachableOrTerminated.Remove(self);
    }

    public UniqueAddress Self { get; }

    public ImmutableHashSet<UniqueAddress> Unreachable { get; }

    /// <summary>Those that a decision may name.</summary>
    public ImmutableHashSet<UniqueAddress> Downable =>
        [
            .. _members
                .Where(member => !MembershipState.IsOnItsWayOut(member.Status))
                .Select(member => member.UniqueAddress),
        ];

    /// <summary>True when a decision would change nothing any more.</summary>
    public bool IsSettled => Unreachable.All(node => !Downable.Contains(node));

    /// <summary>
    /// Those whose links are broken while both still hear of each other by way of others: they see each other as unreachable, or one is seen so
    /// and yet has seen this very state. What a node saw before it died itself makes it none of them.
    /// </summary>
    public ImmutableHashSet<UniqueAddress> IndirectlyConnected => SeeEachOther.Union(HasSeenThisState);

    private ImmutableHashSet<UniqueAddress> SeeEachOther =>
        [
            .. _reachability
                .Records.Where(row =>
                    row.Status != ReachabilityStatus.Reachable && !_reachability.IsReachable(row.Subject, row.Observer)
                )
                .Select(row => row.Observer),
        ];

    private ImmutableHashSet<UniqueAddress> HasSeenThisState =>
        [
            .. _reachability
                .Records.Where(row => row.Status == ReachabilityStatus.Unreachable && _seenBy.Contains(row.Subject))
                .SelectMany(row => new[] { row.Observer, row.Subject }),
        ];

    /// <summary>The members that count, by address.</summary>
    /// <param name="role">Only those with that role; null for all.</param>
    /// <param name="withPossiblyUp">Also those that may be Up at the other side.</param>
    /// <param name="withLeaving">Also those that may be Exiting at the other side.</param>
    public IReadOnlyList<Member> Members(string? role, bool withPossiblyUp = false, bool withLeaving = true) =>
        [
            .. _members.Where(member =>
                !MembershipState.IsOnItsWayOut(member.Status)
                && (withPossiblyUp || member.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp))
                && (withLeaving || member.Status != MemberStatus.Leaving)
                && (role is null || member.HasRole(role))
            ),
        ];

    public int CountReachable(string? role, bool withPossiblyUp = false, bool withLeaving = true) =>
        Members(role, withPossiblyUp, withLeaving).Count(member => !IsUnreachable(member));

    public int CountUnreachable(string? role, bool withPossiblyUp = false, bool withLeaving = true) =>
        Members(role, withPossiblyUp, withLeaving).Count(IsUnreachable);

    public bool IsUnreachable(Member member) => Unreachable.Contains(member.UniqueAddress);

    /// <summary>The same view as if the broken links between those who are indirectly connected were whole.</summary>
    public PartitionView WithoutIndirectLinks()
    {
        var (seeEachOther, hasSeen) = (SeeEachOther, HasSeenThisState);
        return new PartitionView(
            _members,
            _reachability.Where(row =>
                !(seeEachOther.Contains(row.Observer) && seeEachOther.Contains(row.Subject))
                && !(hasSeen.Contains(row.Observer) && hasSeen.Contains(row.Subject))
            ),
            _seenBy,
            Self
        );
    }
}
