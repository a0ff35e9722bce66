using Akka.Actor;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>
/// Watches actors of other systems, and leaves those of members to the cluster: an actor there is dead when its node is
/// removed, not when it is silent, so that all nodes agree on it. A removed node is cut off for good.
/// </summary>
internal sealed class ClusterRemoteWatcher(
    IFailureDetectorRegistry<Address> failureDetector,
    TimeSpan heartbeatInterval,
    TimeSpan unreachableReaperInterval,
    TimeSpan heartbeatExpectedResponseAfter
) : RemoteWatcher(failureDetector, heartbeatInterval, unreachableReaperInterval, heartbeatExpectedResponseAfter)
{
    private readonly Dictionary<Address, UniqueAddress> _members = [];
    private Cluster? _cluster;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Follow follow:
                _cluster = follow.Cluster;
                _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
                break;
            case ClusterEvent.MemberRemoved removed:
                Removed(removed);
                break;
            case ClusterEvent.IMemberEvent change:
                Added(change.Member);
                break;
            default:
                base.OnReceive(message);
                break;
        }
    }

    protected override void WatchNode(IInternalActorRef watchee)
    {
        if (!_members.ContainsKey(watchee.Path.Address))
            base.WatchNode(watchee);
    }

    private void Added(Member member)
    {
        if (member.Address.Equals(_cluster?.SelfAddress))
            return;
        _members[member.Address] = member.UniqueAddress;
        // It may have been watched before it joined.
        if (WatchingNodes.Contains(member.Address))
            UnwatchNode(member.Address);
        Unreachable.Remove(member.Address);
    }

    private void Removed(ClusterEvent.MemberRemoved removed)
    {
        var node = removed.Member.UniqueAddress;
        if (node.Equals(_cluster?.SelfUniqueAddress))
            return;
        // A later incarnation at the address is there already.
        if (_members.TryGetValue(node.Address, out var known) && known.Equals(node))
            _members.Remove(node.Address);
        // One that left by itself may say last words; one that was downed may still live, and must not be heard.
        if (removed.PreviousStatus == MemberStatus.Down)
            Quarantine(node.Address, node.Uid);
        PublishAddressTerminated(node.Address);
    }

    internal sealed record Follow(Cluster Cluster) : INoSerializationVerificationNeeded;
}
