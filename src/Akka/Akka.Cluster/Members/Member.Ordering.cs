using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

public partial class Member
{
    /// <summary>Orders addresses by host and port; protocol and system are the same in a cluster.</summary>
    public static readonly IComparer<Address> AddressOrdering = Comparer<Address>.Create(CompareAddresses);

    /// <summary>Orders members by age, the oldest first.</summary>
    public static readonly IComparer<Member> AgeOrdering = Comparer<Member>.Create(
        (a, b) =>
            a.Equals(b) ? 0
            : a.IsOlderThan(b) ? -1
            : 1
    );

    /// <summary>Orders members by how fit they are to lead, by status first and by address then.</summary>
    internal static readonly IComparer<Member> LeaderStatusOrdering = Comparer<Member>.Create(
        (a, b) =>
        {
            var order = LeaderRank(a.Status).CompareTo(LeaderRank(b.Status));
            return order != 0 ? order : a.CompareTo(b);
        }
    );

    /// <summary>Of two views of one member the one that is further in its life; of equal ones the older member.</summary>
    public static Member HighestPriorityOf(Member m1, Member m2)
    {
        if (m1.Status == m2.Status)
            return m1.IsOlderThan(m2) ? m1 : m2;
        return Priority(m1.Status) > Priority(m2.Status) ? m1 : m2;
    }

    /// <summary>Of two views of the members, each member as it is furthest in its life. One that is Down or Exiting in one view and missing in the other was removed.</summary>
    public static ImmutableHashSet<Member> PickHighestPriority(IEnumerable<Member> a, IEnumerable<Member> b) =>
        [
            .. a.Concat(b)
                .GroupBy(member => member.UniqueAddress)
                .Where(views => views.Skip(1).Any() || !MembershipState.IsOnItsWayOut(views.First().Status))
                .Select(views => views.Aggregate(HighestPriorityOf)),
        ];

    /// <summary>Of two views of one member the one that its life reaches next from the other.</summary>
    /// <exception cref="ArgumentException">Neither follows from the other.</exception>
    public static Member PickNextTransition(Member a, Member b)
    {
        if (a.Status == b.Status || AllowedTransitions[b.Status].Contains(a.Status))
            return a;
        if (AllowedTransitions[a.Status].Contains(b.Status))
            return b;
        throw new ArgumentException($"There is no transition between {a.Status} and {b.Status}", nameof(b));
    }

    /// <summary>Of two views of the members, each member as its life reaches it next.</summary>
    public static ImmutableSortedSet<Member> PickNextTransition(IEnumerable<Member> a, IEnumerable<Member> b) =>
        [.. a.Concat(b).GroupBy(member => member.UniqueAddress).Select(views => views.Aggregate(PickNextTransition))];

    private static int LeaderRank(MemberStatus status) =>
        status switch
        {
            MemberStatus.Up or MemberStatus.Leaving => 0,
            MemberStatus.WeaklyUp => 1,
            MemberStatus.Joining => 2,
            MemberStatus.Exiting => 3,
            MemberStatus.Down => 4,
            _ => 5,
        };

    private static int Priority(MemberStatus status) =>
        status switch
        {
            MemberStatus.Removed => 6,
            MemberStatus.Down => 5,
            MemberStatus.Exiting => 4,
            MemberStatus.Leaving => 3,
            MemberStatus.Up => 2,
            MemberStatus.WeaklyUp => 1,
            _ => 0,
        };

    private static int CompareAddresses(Address? a, Address? b)
    {
        if (a is null || b is null)
            return (a is null ? 0 : 1) - (b is null ? 0 : 1);
        var order = string.CompareOrdinal(a.Host ?? "", b.Host ?? "");
        return order != 0 ? order : Nullable.Compare(a.Port, b.Port);
    }
}
