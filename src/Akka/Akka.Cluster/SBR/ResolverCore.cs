using System.Collections.Immutable;

namespace Akka.Cluster.SBR;

/// <summary>What the resolver asks for.</summary>
internal abstract record ResolverAction
{
    /// <summary>These members are to be declared dead; this node, if it is one of them, last.</summary>
    public sealed record Down(ImmutableHashSet<UniqueAddress> Nodes, Decision Decision) : ResolverAction;

    /// <summary>The lease is to be taken; <see cref="ResolverCore.LeaseAnswered"/> gets the outcome.</summary>
    public sealed record AcquireLease : ResolverAction;

    /// <summary>The lease is to be given back.</summary>
    public sealed record ReleaseLease : ResolverAction;
}

/// <summary>
/// When to decide: after nothing has changed for a while, by the leader of this side alone; or, when things go on
/// changing for too long, everywhere. No clock, no actors.
/// </summary>
internal sealed class ResolverCore(
    Strategy strategy,
    TimeSpan stableAfter,
    TimeSpan downAllWhenUnstable,
    LeaseMajoritySettings? lease,
    MembershipState initial,
    TimeSpan start
)
{
    private MembershipState _state = initial;
    private TimeSpan _stableAt = start + stableAfter;
    private TimeSpan? _changingSince;
    private TimeSpan _changedAt;
    private LeaseRequest? _request;
    private ImmutableHashSet<UniqueAddress>? _heldForRemovalOf;
    private TimeSpan? _releaseAt;

    /// <summary>True when this node speaks for its side.</summary>
    public bool IsResponsible =>
        _state.IsLeader(_state.Self)
        && _state.Gossip.Member(_state.Self).Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Leaving;

    private PartitionView View => new(_state);

    /// <summary>Takes note of another state.</summary>
    public void Update(MembershipState state, TimeSpan now)
    {
        var (before, after) = (View, new PartitionView(state));
        if (!before.Unreachable.SetEquals(after.Unreachable))
        {
            _stableAt = now + stableAfter;
            _changingSince ??= now;
            _changedAt = now;
        }
        else if (MembersMoved(_state, state))
            _stableAt = now + stableAfter;
        _state = state;
        if (after.IsSettled)
            _changingSince = null;
        if (_heldForRemovalOf is null)
            return;
        _heldForRemovalOf = [.. _heldForRemovalOf.Where(state.Gossip.HasMember)];
        if (!_heldForRemovalOf.IsEmpty)
            return;
        _heldForRemovalOf = null;
        _releaseAt = now + lease!.ReleaseAfter;
    }

    /// <summary>What is to be done now, if anything.</summary>
    /// <param name="now">The monotonic time.</param>
    /// <param name="holdsLease">Whether this node holds the lease.</param>
    public ResolverAction? Tick(TimeSpan now, bool holdsLease = false)
    {
        if (now - _changedAt > stableAfter * 2)
            _changingSince = null;
        if (
            downAllWhenUnstable > TimeSpan.Zero
            && now - _changingSince > stableAfter + downAllWhenUnstable
            && Act(Decision.DownAll, now) is { } all
        )
            return all;
        if (_request is { } request)
            return request.Ask(now) ? new ResolverAction.AcquireLease() : null;
        if (IsResponsible && !View.Unreachable.IsEmpty && now >= _stableAt && Decide(now, holdsLease) is { } action)
            return action;
        if (!(now >= _releaseAt))
            return null;
        _releaseAt = null;
        return holdsLease ? new ResolverAction.ReleaseLease() : null;
    }

    /// <summary>The lease was asked for: with it this side stays, without it goes.</summary>
    public ResolverAction? LeaseAnswered(bool held, TimeSpan now)
    {
        if (_request is not { } request)
            return null;
        _request = null;
        // Meanwhile it may have healed, or become another partition: then this answers a question of the past.
        if (!View.Unreachable.SetEquals(request.Unreachable))
        {
            _releaseAt = held ? now + lease!.ReleaseAfter : null;
            return null;
        }
        if (held)
            return ActWithLease(request.Decision, now);
        return Act(
            request.Decision == Decision.AcquireLeaseAndDownUnreachable
                ? Decision.DownReachable
                : Decision.ReverseDownIndirectlyConnected,
            now
        );
    }

    /// <summary>A member has cut this node off for good.</summary>
    public ResolverAction? QuarantinedByRemote(TimeSpan now) => Act(Decision.DownSelfQuarantinedByRemote, now);

    private ResolverAction? Decide(TimeSpan now, bool holdsLease)
    {
        var decision = strategy.Decide(View);
        if (
            decision is not (Decision.AcquireLeaseAndDownUnreachable or Decision.AcquireLeaseAndDownIndirectlyConnected)
        )
            return Act(decision, now);
        // All of them are Down already: that was decided on.
        if (strategy.NodesToDown(decision, View).IsEmpty)
            return null;
        if (holdsLease)
            return ActWithLease(decision, now);
        var delay =
            decision == Decision.AcquireLeaseAndDownUnreachable
            && strategy is LeaseMajority majority
            && majority.IsInMinority(View)
                ? lease!.AcquireLeaseDelayForMinority
                : TimeSpan.Zero;
        _releaseAt = null;
        _request = new LeaseRequest(decision, View.Unreachable, now + delay);
        return _request.Ask(now) ? new ResolverAction.AcquireLease() : null;
    }

    private ResolverAction? ActWithLease(Decision decision, TimeSpan now)
    {
        var action = Act(decision, now);
        if (action is ResolverAction.Down down)
            (_heldForRemovalOf, _releaseAt) = (down.Nodes, null);
        else
            _releaseAt = now + lease!.ReleaseAfter;
        return action;
    }

    private ResolverAction.Down? Act(Decision decision, TimeSpan now)
    {
        var nodes = strategy.NodesToDown(decision, View);
        if (nodes.IsEmpty)
            return null;
        _changingSince = null;
        _stableAt = now + stableAfter;
        return new ResolverAction.Down(nodes, decision);
    }

    private static bool MembersMoved(MembershipState before, MembershipState after) =>
        !ReferenceEquals(before.Members, after.Members)
        && after.Members.Any(member =>
            member.Status is MemberStatus.Up or MemberStatus.Exiting
            && before.Gossip.Member(member.UniqueAddress).Status != member.Status
        );

    private sealed class LeaseRequest(Decision decision, ImmutableHashSet<UniqueAddress> unreachable, TimeSpan askAt)
    {
        private bool _asked;

        public Decision Decision => decision;

        public ImmutableHashSet<UniqueAddress> Unreachable => unreachable;

        /// <summary>True once, when it is time to ask.</summary>
        public bool Ask(TimeSpan now)
        {
            if (_asked || now < askAt)
                return false;
            return _asked = true;
        }
    }
}
