using System.Collections.Immutable;

namespace Akka.Cluster;

/// <summary>The events that lead from one state to the next.</summary>
internal static class MembershipDiff
{
    public static IEnumerable<ClusterEvent.IClusterDomainEvent> Events(MembershipState before, MembershipState after) =>
        [
            .. MemberEvents(before.Gossip, after.Gossip),
            .. Unreachable(before, after),
            .. Reachable(before, after),
            .. Leader(before, after),
            .. RoleLeaders(before, after),
        ];

    public static IEnumerable<ClusterEvent.IMemberEvent> MemberEvents(Gossip before, Gossip after)
    {
        if (ReferenceEquals(before.Members, after.Members))
            yield break;
        foreach (var member in after.Members)
        {
            if (
                (!before.HasMember(member.UniqueAddress) || before.Member(member.UniqueAddress).Status != member.Status)
                && Change(member) is { } change
            )
                yield return change;
        }
        foreach (var gone in before.Members.Where(member => !after.HasMember(member.UniqueAddress)))
            yield return new ClusterEvent.MemberRemoved(gone.Copy(MemberStatus.Removed), gone.Status);
    }

    public static IEnumerable<ClusterEvent.UnreachableMember> Unreachable(
        MembershipState before,
        MembershipState after
    ) =>
        after
            .UnreachableMembers.Except(before.UnreachableMembers)
            .Order()
            .Select(member => new ClusterEvent.UnreachableMember(member));

    public static IEnumerable<ClusterEvent.ReachableMember> Reachable(MembershipState before, MembershipState after) =>
        before
            .UnreachableMembers.Except(after.UnreachableMembers)
            .Where(member => after.Gossip.HasMember(member.UniqueAddress))
            .Order()
            .Select(member => new ClusterEvent.ReachableMember(after.Gossip.Member(member.UniqueAddress)));

    public static IEnumerable<ClusterEvent.LeaderChanged> Leader(MembershipState before, MembershipState after) =>
        Equals(before.Leader, after.Leader) ? [] : [new ClusterEvent.LeaderChanged(after.Leader?.Address)];

    public static IEnumerable<ClusterEvent.RoleLeaderChanged> RoleLeaders(
        MembershipState before,
        MembershipState after
    ) =>
        before
            .AllRoles.Union(after.AllRoles)
            .Order(StringComparer.Ordinal)
            .Where(role => !Equals(before.RoleLeader(role), after.RoleLeader(role)))
            .Select(role => new ClusterEvent.RoleLeaderChanged(role, after.RoleLeader(role)?.Address));

    private static ClusterEvent.IMemberEvent? Change(Member member) =>
        member.Status switch
        {
            MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
            MemberStatus.WeaklyUp => new ClusterEvent.MemberWeaklyUp(member),
            MemberStatus.Up => new ClusterEvent.MemberUp(member),
            MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
            MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
            MemberStatus.Down => new ClusterEvent.MemberDowned(member),
            _ => null,
        };
}
