using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

/// <summary>The gossip as one node sees it, and what follows from it: convergence, leaders. Immutable.</summary>
internal sealed class MembershipState(Gossip gossip, UniqueAddress self)
{
    private Reachability? _withoutDownedObservers;

    public Gossip Gossip { get; } = gossip;

    public UniqueAddress Self { get; } = self;

    public ImmutableSortedSet<Member> Members => Gossip.Members;

    /// <summary>Without what members that are Down see: their word counts no more.</summary>
    public Reachability ReachabilityWithoutDownedObservers =>
        _withoutDownedObservers ??= Gossip.Reachability.RemoveObservers(
            Members
                .Where(member => member.Status == MemberStatus.Down)
                .Select(member => member.UniqueAddress)
                .ToHashSet()
        );

    /// <summary>The members that somebody sees as unreachable, apart from this node, which knows better of itself.</summary>
    public ImmutableHashSet<Member> UnreachableMembers =>
        [
            .. Gossip
                .Reachability.AllUnreachableOrTerminated.Where(node => !node.Equals(Self) && Gossip.HasMember(node))
                .Select(Gossip.Member),
        ];

    public Member YoungestMember =>
        Members.MaxBy(member => member.UpNumber == int.MaxValue ? 0 : member.UpNumber)
        ?? throw new InvalidOperationException("no youngest when no members");

    public static bool IsOnItsWayOut(MemberStatus status) => status is MemberStatus.Down or MemberStatus.Exiting;

    public static bool CountsForConvergence(MemberStatus status) => status is MemberStatus.Up or MemberStatus.Leaving;

    /// <summary>
    /// True when all that count have seen this very state and nobody that counts is unreachable: the leader may then
    /// act, for no other state can be decided on elsewhere.
    /// </summary>
    /// <param name="exitingConfirmed">Exiting members that said that they are done; nobody waits for them.</param>
    public bool Convergence(IReadOnlySet<UniqueAddress> exitingConfirmed) =>
        ReachabilityWithoutDownedObservers
            .AllUnreachableOrTerminated.Where(node => !node.Equals(Self) && !exitingConfirmed.Contains(node))
            .All(node => IsOnItsWayOut(Gossip.Member(node).Status))
        && Members.All(member =>
            !CountsNow(member) || Gossip.SeenBy(member.UniqueAddress) || exitingConfirmed.Contains(member.UniqueAddress)
        );

    // Before anybody is Up all have to agree, or several that join would lead at once.
    private bool CountsNow(Member member) =>
        CountsForConvergence(member.Status)
        || (!IsOnItsWayOut(member.Status) && !Members.Any(other => CountsForConvergence(other.Status)));

    public bool IsLeader(UniqueAddress node) => node.Equals(Leader);

    public UniqueAddress? Leader => LeaderOf(Members);

    public UniqueAddress? RoleLeader(string role) => LeaderOf(Members.Where(member => member.HasRole(role)));

    public ImmutableHashSet<string> AllRoles => [.. Members.SelectMany(member => member.Roles)];

    /// <summary>The first by address of those that are Up or Leaving and can be reached; without one, the fittest of the others.</summary>
    public UniqueAddress? LeaderOf(IEnumerable<Member> members)
    {
        var reachability = ReachabilityWithoutDownedObservers;
        return members
            .Where(member =>
                member.Status != MemberStatus.Down
                && (
                    reachability.IsAllReachable
                    || member.UniqueAddress.Equals(Self)
                    || reachability.IsReachable(member.UniqueAddress)
                )
            )
            .Min(Member.LeaderStatusOrdering)
            ?.UniqueAddress;
    }

    /// <summary>
    /// True when a message may be sent there: not to itself, and not to one that this node cannot reach. One that only others cannot reach has
    /// to hear of it, or the resolver would not see that it is connected still.
    /// </summary>
    public bool IsValidGossipTarget(UniqueAddress node) =>
        !node.Equals(Self) && Gossip.HasMember(node) && Gossip.Reachability.IsReachable(Self, node);

    /// <summary>The state as everybody is shown it.</summary>
    public ClusterEvent.CurrentClusterState ToCurrentState() =>
        new(
            Members,
            UnreachableMembers,
            [.. Gossip.Seen.Select(node => node.Address)],
            Leader?.Address,
            AllRoles.ToImmutableDictionary(role => role, role => RoleLeader(role)?.Address, StringComparer.Ordinal)
        );
}
