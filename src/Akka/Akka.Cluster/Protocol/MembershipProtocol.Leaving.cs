using Akka.Actor;

namespace Akka.Cluster.Protocol;

internal sealed partial class MembershipProtocol
{
    private const int TicksBeforeStoppingWhenDown = 4;
    private const int GossipsBeforeStopping = 5;

    private bool _exitingTasksRun;
    private int _ticksDown;

    /// <summary>The member at that address is to leave in good order.</summary>
    public void Leave(Address address, TimeSpan now)
    {
        _now = now;
        if (_phase != Phase.Joined)
            return;
        var leaving = Latest.Members.FirstOrDefault(member =>
            member.Address.Equals(address)
            && member.Status is MemberStatus.Up or MemberStatus.Joining or MemberStatus.WeaklyUp
        );
        if (leaving is null)
            return;
        Change(Latest.Update([leaving.Copy(MemberStatus.Leaving)]));
        Info($"Marked address [{address}] as [Leaving]");
        Publish();
        // Alone, there is nobody to wait for.
        if (Latest.Members.Count == 1)
            LeaderActions();
    }

    /// <summary>The member at that address is dead: it is removed as soon as all others know.</summary>
    public void Down(Address address, TimeSpan now)
    {
        _now = now;
        if (_phase != Phase.Joined)
            return;
        if (Latest.Members.FirstOrDefault(member => member.Address.Equals(address)) is not { } member)
            Info($"Ignoring down of unknown node [{address}]");
        else if (member.Status != MemberStatus.Down)
            MarkDown(member);
    }

    /// <summary>The services of this node, which is Exiting, have stopped; null for a node that never was a member.</summary>
    public void ExitingCompleted(TimeSpan now)
    {
        _now = now;
        if (_phase == Phase.Stopped)
            return;
        _exitingTasksRun = false;
        if (_phase == Phase.Joined)
        {
            Info("Exiting completed");
            Adopt(Latest.MarkSeen(Self));
            Publish();
            // The others should not have to find out by a failure detector, though they would.
            GossipToSome(
                State.Members.Select(member => member.UniqueAddress).Where(State.IsValidGossipTarget),
                GossipsBeforeStopping
            );
            TellLeaders();
        }
        Stop();
    }

    // The leader may be on its way out as well: the next one is told, too.
    private void TellLeaders()
    {
        var others = Latest.Members.Where(member => !member.UniqueAddress.Equals(Self)).ToArray();
        if (State.LeaderOf(others) is not { } first)
            return;
        _port.Send(first.Address, new ExitingConfirmed(Self));
        if (State.LeaderOf(others.Where(member => !member.UniqueAddress.Equals(first))) is { } second)
            _port.Send(second.Address, new ExitingConfirmed(Self));
    }

    // As with a quarantine: only a member is believed, for who has been removed here decides nothing here.
    private void OnRemovedNotice(RemovedNotice notice)
    {
        if (!notice.Node.Equals(Self))
            return;
        if (_phase == Phase.Asking && notice.From.Address.Equals(_joinWith))
        {
            Warning(
                $"[{_joinWith}] says that this node was removed before it was told that it had joined. Shutting down myself"
            );
            Stop();
            return;
        }
        if (_phase != Phase.Joined || !Latest.HasMember(notice.From))
            return;
        var self = Latest.Member(Self);
        Info($"[{notice.From.Address}] says that this node, which is [{self.Status}], was removed");
        if (self.Status == MemberStatus.Leaving)
            Change(Latest.Update([self.Copy(MemberStatus.Exiting)]));
        if (MembershipState.IsOnItsWayOut(SelfStatus))
            ExitIfTold();
        else
            MarkDown(self);
    }

    private void ExitIfTold()
    {
        if (_exitingTasksRun || SelfStatus != MemberStatus.Exiting)
            return;
        _exitingTasksRun = true;
        _port.BeginExiting();
    }

    private void MarkDown(Member member)
    {
        var reachable = Latest.Reachability.IsReachable(member.UniqueAddress);
        Info($"Marking {(reachable ? "" : "unreachable ")}node [{member.Address}] as [Down]");
        Change(Latest.MarkDown(member));
        if (member.UniqueAddress.Equals(Self))
            // Before this node is gone: the others learn it from nobody else.
            GossipToSome(
                State.Members.Select(other => other.UniqueAddress).Where(State.IsValidGossipTarget),
                GossipsBeforeStopping
            );
        else
            // It may still live, and then should know.
            _port.Send(member.Address, new GossipEnvelope(Self, member.UniqueAddress, Latest));
        Publish();
    }

    /// <summary>
    /// A node that is Down stops when all other downed nodes know that they are, or cannot be told; for each of them has
    /// to stop, and may know it from nobody else.
    /// </summary>
    private void StopSelfWhenDown()
    {
        if (_phase != Phase.Joined || SelfStatus != MemberStatus.Down)
        {
            _ticksDown = 0;
            return;
        }
        var unreachable = Latest.Reachability.AllUnreachableOrTerminated;
        var downed = Latest
            .Members.Where(member => member.Status == MemberStatus.Down)
            .Select(member => member.UniqueAddress);
        var untold = downed.Where(node => !node.Equals(Self) && !unreachable.Contains(node)).ToArray();
        if (_ticksDown < TicksBeforeStoppingWhenDown && !untold.All(Latest.SeenBy))
        {
            _ticksDown++;
            return;
        }
        Info("Node has been marked as DOWN. Shutting down myself");
        GossipToSome(untold, GossipsBeforeStopping);
        Stop();
    }

    private void ReapUnreachable()
    {
        if (Latest.Members.Count <= 1)
            return;
        var reachability = Latest.Reachability;
        foreach (var member in Latest.Members.Where(member => !member.UniqueAddress.Equals(Self)))
        {
            var available = _port.IsAvailable(member.Address);
            var status = Latest.Reachability.Status(Self, member.UniqueAddress);
            if (status == ReachabilityStatus.Reachable && !available)
            {
                reachability = reachability.Unreachable(Self, member.UniqueAddress);
                Warning($"Marking node as UNREACHABLE [{member}].");
            }
            else if (status == ReachabilityStatus.Unreachable && available)
            {
                reachability = reachability.Reachable(Self, member.UniqueAddress);
                Info($"Marking node as REACHABLE [{member}].");
            }
        }
        if (ReferenceEquals(reachability, Latest.Reachability))
            return;
        Change(Latest with { Reachability = reachability });
        Publish();
    }
}
