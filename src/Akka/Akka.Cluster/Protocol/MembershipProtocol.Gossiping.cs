namespace Akka.Cluster.Protocol;

internal sealed partial class MembershipProtocol
{
    private void GossipTick()
    {
        GossipToOne();
        // While less than half of the members know this state, it is told faster.
        if (Latest.Seen.Count < Latest.Members.Count / 2)
            _timers.SpeedUp(_now);
    }

    private void GossipToOne()
    {
        if (GossipTargets.Choose(State, _settings, _random) is not { } target)
            return;
        if (Latest.SeenBy(target))
            _port.Send(target.Address, new GossipStatus(Self, Latest.Version));
        else
            SendGossip(target);
    }

    /// <summary>To several at once, where the news is urgent.</summary>
    private void GossipToSome(IEnumerable<UniqueAddress> nodes, int atMost)
    {
        var targets = nodes.Where(node => !node.Equals(Self)).Order().ToArray();
        _random.Shuffle(targets);
        foreach (var target in targets.Take(atMost))
            _port.Send(target.Address, new GossipEnvelope(Self, target, Latest));
    }

    private void SendGossip(UniqueAddress to)
    {
        if (State.IsValidGossipTarget(to))
            _port.Send(to.Address, new GossipEnvelope(Self, to, Latest));
    }

    /// <summary>True for one that was removed and does not know it; it is told.</summary>
    private bool IsGone(UniqueAddress from)
    {
        if (Latest.HasMember(from) || !Latest.Tombstones.ContainsKey(from))
            return false;
        _port.Send(from.Address, new RemovedNotice(Self, from));
        return true;
    }

    private void OnGossipStatus(GossipStatus status)
    {
        if (IsGone(status.From))
            return;
        if (!Latest.HasMember(status.From) || !Latest.Reachability.IsReachable(Self, status.From))
            return;
        switch (status.Version.CompareTo(Latest.Version))
        {
            case VectorClock.Ordering.Same:
                break;
            case VectorClock.Ordering.After:
                _port.Send(status.From.Address, new GossipStatus(Self, Latest.Version));
                break;
            default:
                SendGossip(status.From);
                break;
        }
    }

    private void OnGossip(GossipEnvelope envelope)
    {
        var (from, remote) = (envelope.From, envelope.Gossip);
        // Whoever downs a node across a partition tells it, should one direction be open: then both cannot stay.
        if (
            envelope.To.Equals(Self)
            && Latest.HasMember(from)
            && !Latest.Reachability.IsReachable(Self, from)
            && remote.Member(Self).Status == MemberStatus.Down
            && SelfStatus != MemberStatus.Down
        )
        {
            MarkDown(Latest.Member(Self));
            return;
        }
        // To an earlier incarnation, from a stranger, from one that this node cannot reach, or of a cluster that does
        // not have this node: whatever it says, it is not for this node.
        if (
            IsGone(from)
            || !envelope.To.Equals(Self)
            || !remote.HasMember(Self)
            || !Latest.HasMember(from)
            || !Latest.Reachability.IsReachable(Self, from)
        )
            return;

        var before = Latest;
        var talkBack = !remote.SeenBy(Self);
        switch (remote.Version.CompareTo(before.Version))
        {
            case VectorClock.Ordering.Same:
                talkBack &= !_exitingTasksRun;
                if (!remote.Seen.IsSubsetOf(before.Seen))
                    Adopt(before.MergeSeen(remote));
                break;
            case VectorClock.Ordering.Before:
                break;
            case VectorClock.Ordering.After:
                Adopt(remote);
                break;
            default:
                Adopt(Merged(before, remote));
                talkBack = true;
                break;
        }
        if (!_exitingTasksRun)
            Adopt(Latest.MarkSeen(Self));
        foreach (var member in Latest.Members)
        {
            if (member.Status == MemberStatus.Joining && !before.HasMember(member.UniqueAddress))
                _port.Forget(member.Address);
        }
        if (!ReferenceEquals(before, Latest))
            Publish();
        ExitIfTold();
        if (talkBack && _phase == Phase.Joined)
            SendGossip(from);
    }

    private Gossip Merged(Gossip local, Gossip remote)
    {
        var merged = remote.Merge(local);
        // Clocks lose nodes that are gone. Where that makes the merged clock equal to one of the two while the states
        // differ, the other side would take them for the same: one more count tells them apart.
        return NamesAnotherState(merged, local) || NamesAnotherState(merged, remote)
            ? merged.Increment(_clockNode)
            : merged;
    }

    private static bool NamesAnotherState(Gossip merged, Gossip other) =>
        merged.Version.IsSameAs(other.Version) && !merged.SaysTheSameAs(other);
}
