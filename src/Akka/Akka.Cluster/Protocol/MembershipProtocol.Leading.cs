namespace Akka.Cluster.Protocol;

internal sealed partial class MembershipProtocol
{
    private static readonly TimeSpan KeepTombstones = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);

    private const int LogNoConvergenceAfter = 20;
    private const int LogNoConvergenceEvery = 60;

    private HashSet<UniqueAddress> _exitingConfirmed = [];
    private int _ticksWithoutConvergence;
    private bool _leads;
    private TimeSpan? _lastTick;
    private TimeSpan _mayLeadFrom;

    private bool HasEnoughMembers =>
        Latest.Members.Count >= _settings.MinNrOfMembers
        && _settings.MinNrOfMembersOfRole.All(role =>
            Latest.Members.Count(member => member.HasRole(role.Key)) >= role.Value
        );

    private void LeaderActions()
    {
        if (State.IsLeader(Self) && _now >= _mayLeadFrom)
        {
            if (!_leads)
                Info("is the new leader among reachable nodes");
            _leads = true;
            if (State.Convergence(_exitingConfirmed))
            {
                if (_ticksWithoutConvergence >= LogNoConvergenceAfter)
                    Info("Leader can perform its duties again");
                _ticksWithoutConvergence = 0;
                ActOnConvergence();
            }
            else
                WaitForConvergence();
        }
        else if (_leads)
        {
            _leads = false;
            Info("is no longer leader");
        }
        _exitingConfirmed.RemoveWhere(node => !Latest.HasMember(node));
        StopSelfWhenDown();
    }

    // A process that stood still knows the past alone, and what waited for it seems new: it may have been removed, and
    // another lead. It gets the time to be told so.
    private void NotePause()
    {
        if (_now - _lastTick > LongPause)
        {
            Warning($"This process stood still for {_now - _lastTick}; it does not lead for the next {LongPause}");
            _mayLeadFrom = _now + LongPause;
        }
        _lastTick = _now;
    }

    private void WaitForConvergence()
    {
        _ticksWithoutConvergence++;
        if (
            _settings.AllowWeaklyUpMembers
            && _settings.LeaderActionsInterval * _ticksWithoutConvergence >= _settings.WeaklyUpAfter
        )
            MoveJoiningToWeaklyUp();
        if (
            _ticksWithoutConvergence == LogNoConvergenceAfter
            || (_ticksWithoutConvergence > 0 && _ticksWithoutConvergence % LogNoConvergenceEvery == 0)
        )
            Info(
                $"Leader can currently not perform its duties, reachability status: [{Latest.Reachability}], member status: [{string.Join(", ", Latest.Members.Select(member => $"{member.Address} {member.Status} seen={Latest.SeenBy(member.UniqueAddress)}"))}]"
            );
    }

    private void ActOnConvergence()
    {
        var removed = State
            .ReachabilityWithoutDownedObservers.AllUnreachableOrTerminated.Where(node =>
                Latest.HasMember(node) && MembershipState.IsOnItsWayOut(Latest.Member(node).Status)
            )
            .Concat(_exitingConfirmed.Where(node => Latest.Member(node).Status == MemberStatus.Exiting))
            .Where(node => !node.Equals(Self))
            .ToHashSet();
        var changed = NextSteps(removed);
        if (removed.Count > 0 || changed.Count > 0)
        {
            var gone = Latest.Members.Where(member => removed.Contains(member.UniqueAddress)).ToArray();
            var next = Latest.Update(changed).RemoveAll(removed, _now);
            _exitingConfirmed.ExceptWith(removed);
            // The leader goes itself: from here on it must not seem to have seen what it decides.
            var exits = !_exitingTasksRun && next.Member(Self).Status == MemberStatus.Exiting;
            _exitingTasksRun |= exits;
            Change(next);
            foreach (var member in changed)
                Info($"Leader is moving node [{member.Address}] to [{member.Status}]");
            foreach (var member in gone)
                Info(
                    $"Leader is removing {(member.Status == MemberStatus.Down ? "unreachable" : "confirmed Exiting")} node [{member.Address}]"
                );
            Publish();
            if (exits)
                _port.BeginExiting();
        }
        var pruned = Latest.PruneTombstones(_now - KeepTombstones);
        if (!ReferenceEquals(pruned, Latest))
            Adopt(pruned);
    }

    private List<Member> NextSteps(HashSet<UniqueAddress> removed)
    {
        var changed = new List<Member>();
        var enough = HasEnoughMembers;
        var upNumber = 0;
        foreach (var member in Latest.Members.Where(member => !removed.Contains(member.UniqueAddress)))
        {
            if (member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp && enough)
            {
                var youngest = State.YoungestMember.UpNumber;
                upNumber = upNumber > 0 ? upNumber + 1 : 1 + (youngest == int.MaxValue ? 0 : youngest);
                changed.Add(member.CopyUp(upNumber));
            }
            else if (member.Status == MemberStatus.Leaving)
                changed.Add(member.Copy(MemberStatus.Exiting));
        }
        return changed;
    }

    private void MoveJoiningToWeaklyUp()
    {
        if (!HasEnoughMembers)
            return;
        var changed = Latest
            .Members.Where(member =>
                member.Status == MemberStatus.Joining
                && State.ReachabilityWithoutDownedObservers.IsReachable(member.UniqueAddress)
            )
            .Select(member => member.Copy(MemberStatus.WeaklyUp))
            .ToArray();
        if (changed.Length == 0)
            return;
        Change(Latest.Update(changed));
        foreach (var member in changed)
            Info($"Leader is moving node [{member.Address}] to [WeaklyUp]");
        Publish();
    }

    private void OnExitingConfirmed(ExitingConfirmed confirmed)
    {
        if (Latest.Member(confirmed.Node).Status == MemberStatus.Exiting)
            _exitingConfirmed.Add(confirmed.Node);
    }
}
