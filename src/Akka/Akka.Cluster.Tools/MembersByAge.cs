using Akka.Actor;

namespace Akka.Cluster.Tools;

/// <summary>The members with one role, as cluster events tell of them, the oldest first. Who is not Up yet is not in it, who is Removed no more.</summary>
internal sealed class MembersByAge(string? role)
{
    /// <summary>The events that <see cref="Apply"/> takes: subscribe to these, with a snapshot first.</summary>
    public static readonly Type[] Events = [typeof(ClusterEvent.IMemberEvent)];

    private readonly Dictionary<UniqueAddress, Member> _members = [];

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<Member> All { get; private set; } = [];

    /// <summary>Those that take part: Up, or Leaving.</summary>
    public IEnumerable<Member> Active => All.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving);

    /// <summary>The one that runs a singleton; null while there is none.</summary>
    public Member? Oldest => Active.FirstOrDefault();

    /// <summary>Takes an event or the state that a subscription begins with; false for anything else.</summary>
    public bool Apply(object message)
    {
        switch (message)
        {
            case ClusterEvent.CurrentClusterState state:
                _members.Clear();
                foreach (var member in state.Members)
                    Set(member);
                break;
            case ClusterEvent.MemberRemoved removed:
                _members.Remove(removed.Member.UniqueAddress);
                break;
            case ClusterEvent.IMemberEvent changed:
                Set(changed.Member);
                break;
            default:
                return false;
        }
        All = [.. _members.Values.Order(Member.AgeOrdering)];
        return true;
    }

    /// <summary>True when it has the role.</summary>
    public bool Matches(Member member) => string.IsNullOrEmpty(role) || member.HasRole(role);

    public bool Contains(Address address) => All.Any(member => member.Address.Equals(address));

    private void Set(Member member)
    {
        if (
            Matches(member)
            && member.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Removed)
        )
            _members[member.UniqueAddress] = member;
    }
}
