using System.Collections.Immutable;

namespace Akka.Cluster.SBR;

/// <summary>
/// Decides what a side of a partition does, from nothing but its view, so that both sides, each from its own, come to
/// decisions that fit together.
/// </summary>
internal abstract class Strategy(string? role)
{
    /// <summary>The role whose members count; null for all.</summary>
    protected string? Role { get; } = role;

    public abstract Decision Decide(PartitionView view);

    /// <summary>The members that a decision names.</summary>
    public ImmutableHashSet<UniqueAddress> NodesToDown(Decision decision, PartitionView view)
    {
        var downable = view.Downable;
        return decision switch
        {
            Decision.DownUnreachable or Decision.AcquireLeaseAndDownUnreachable => downable.Intersect(view.Unreachable),
            Decision.DownReachable => downable.Except(view.Unreachable),
            Decision.DownAll => downable,
            Decision.DownIndirectlyConnected or Decision.AcquireLeaseAndDownIndirectlyConnected => downable.Intersect(
                view.IndirectlyConnected.Union(CutOff(view))
            ),
            Decision.ReverseDownIndirectlyConnected => downable
                .Except(view.Unreachable)
                .Union(downable.Intersect(view.IndirectlyConnected)),
            Decision.DownSelfQuarantinedByRemote => downable.Intersect([view.Self]),
            _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, "unknown"),
        };
    }

    /// <summary>Beside broken links between some nodes there may be a real partition, which is decided on as any other.</summary>
    private ImmutableHashSet<UniqueAddress> CutOff(PartitionView view)
    {
        if (view.Unreachable.IsSubsetOf(view.IndirectlyConnected))
            return [];
        var partition = view.WithoutIndirectLinks();
        return Decide(partition) switch
        {
            // Still not to be told apart: then nobody can say who would be left.
            Decision.DownIndirectlyConnected or Decision.AcquireLeaseAndDownIndirectlyConnected => view.Downable,
            var decision => NodesToDown(decision, partition),
        };
    }

    protected static bool HasIndirectlyConnected(PartitionView view) => !view.IndirectlyConnected.IsEmpty;
}

/// <summary>The side stays that has a certain number of members.</summary>
internal sealed class StaticQuorum(int size, string? role) : Strategy(role)
{
    public override Decision Decide(PartitionView view)
    {
        // With more members both sides could have enough.
        if (view.Members(Role).Count > (size * 2) - 1)
            return Decision.DownAll;
        if (HasIndirectlyConnected(view))
            return Decision.DownIndirectlyConnected;
        return view.CountReachable(Role) >= size ? Decision.DownUnreachable : Decision.DownReachable;
    }
}

/// <summary>The side stays that has the larger part of the members; of equal parts the one with the lowest address.</summary>
internal sealed class KeepMajority(string? role) : Strategy(role)
{
    public override Decision Decide(PartitionView view)
    {
        if (HasIndirectlyConnected(view))
            return Decision.DownIndirectlyConnected;
        var members = view.Members(Role);
        if (members.Count == 0)
            return Decision.DownAll;
        var decision = Compare(view.CountReachable(Role), view.CountUnreachable(Role), members[0], view);
        return decision == Decision.DownUnreachable && !IsSure(view) ? Decision.DownAll : decision;
    }

    // Changes may have come to one side only: this one is counted as small, the other as large as it may be. Where that
    // makes a difference the other side may stay too, so both have to go.
    private bool IsSure(PartitionView view)
    {
        var members = view.Members(Role, withLeaving: false);
        return members.Count > 0
            && Compare(
                view.CountReachable(Role, withLeaving: false),
                view.CountUnreachable(Role, withPossiblyUp: true),
                members[0],
                view
            ) == Decision.DownUnreachable;
    }

    private static Decision Compare(int thisSide, int otherSide, Member lowest, PartitionView view) =>
        thisSide > otherSide || (thisSide == otherSide && !view.IsUnreachable(lowest))
            ? Decision.DownUnreachable
            : Decision.DownReachable;
}

/// <summary>The side stays that has the oldest member, unless that is alone.</summary>
internal sealed class KeepOldest(bool downIfAlone, string? role) : Strategy(role)
{
    public override Decision Decide(PartitionView view)
    {
        if (HasIndirectlyConnected(view))
            return Decision.DownIndirectlyConnected;
        var members = view.Members(Role);
        if (members.Count == 0)
            return Decision.DownAll;
        var decision = Compare(members, view.CountReachable(Role), view.CountUnreachable(Role), view);
        return decision == Decision.DownUnreachable && !IsSure(view) ? Decision.DownAll : decision;
    }

    // As for the majority: with changes that came to one side only the decision has to be the same.
    private bool IsSure(PartitionView view)
    {
        var members = view.Members(Role, withLeaving: false);
        return members.Count > 0
            && Compare(
                members,
                view.CountReachable(Role, withLeaving: false),
                view.CountUnreachable(Role, withPossiblyUp: true),
                view
            ) == Decision.DownUnreachable;
    }

    private Decision Compare(IReadOnlyList<Member> members, int thisSide, int otherSide, PartitionView view)
    {
        var oldestIsHere = !view.IsUnreachable(members.Min(Member.AgeOrdering)!);
        if (oldestIsHere)
            // Of two nodes the oldest stays: the other would be as much alone.
            return downIfAlone && thisSide == 1 && otherSide > 1 ? Decision.DownReachable : Decision.DownUnreachable;
        return downIfAlone && otherSide == 1 && thisSide > 1 ? Decision.DownUnreachable : Decision.DownReachable;
    }
}

/// <summary>No side stays.</summary>
internal sealed class DownAllNodes() : Strategy(null)
{
    public override Decision Decide(PartitionView view) => Decision.DownAll;
}

/// <summary>The side stays that gets the lease; the smaller one asks later.</summary>
internal sealed class LeaseMajority(string? role) : Strategy(role)
{
    public override Decision Decide(PartitionView view) =>
        HasIndirectlyConnected(view)
            ? Decision.AcquireLeaseAndDownIndirectlyConnected
            : Decision.AcquireLeaseAndDownUnreachable;

    /// <summary>True when the other side should have its chance first.</summary>
    public bool IsInMinority(PartitionView view)
    {
        var members = view.Members(Role);
        if (members.Count == 0)
            return false;
        var (thisSide, otherSide) = (view.CountReachable(Role), view.CountUnreachable(Role));
        return otherSide > thisSide || (otherSide == thisSide && view.IsUnreachable(members[0]));
    }
}
