using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster;

public partial class ClusterEvent
{
    /// <summary>All that a node knows of its cluster at one moment.</summary>
    public sealed class CurrentClusterState : INoSerializationVerificationNeeded
    {
        private readonly ImmutableDictionary<string, Address?> _roleLeaders;

        /// <summary>A cluster without members.</summary>
        public CurrentClusterState()
            : this([], [], [], null, ImmutableDictionary<string, Address?>.Empty) { }

        /// <summary>Gives the parts.</summary>
        public CurrentClusterState(
            ImmutableSortedSet<Member> members,
            ImmutableHashSet<Member> unreachable,
            ImmutableHashSet<Address> seenBy,
            Address? leader,
            ImmutableDictionary<string, Address?> roleLeaderMap
        )
        {
            Members = members;
            Unreachable = unreachable;
            SeenBy = seenBy;
            Leader = leader;
            _roleLeaders = roleLeaderMap;
        }

        /// <summary>The members, by address.</summary>
        public ImmutableSortedSet<Member> Members { get; }

        /// <summary>Those of them that somebody cannot reach.</summary>
        public ImmutableHashSet<Member> Unreachable { get; }

        /// <summary>Who is known to have seen this state.</summary>
        public ImmutableHashSet<Address> SeenBy { get; }

        /// <summary>Who leads, as this node sees it; null when nobody does.</summary>
        public Address? Leader { get; }

        /// <summary>All roles that members have.</summary>
        public ImmutableHashSet<string> AllRoles => [.. Members.SelectMany(member => member.Roles)];

        /// <summary>True while a roll to another version is under way.</summary>
        public bool HasMoreThanOneAppVersion => Members.Select(member => member.AppVersion).Distinct().Skip(1).Any();

        /// <summary>Who leads those of a role; null when nobody has it.</summary>
        public Address? RoleLeader(string role) => _roleLeaders.GetValueOrDefault(role);

        /// <summary>A copy with other parts.</summary>
        public CurrentClusterState Copy(
            ImmutableSortedSet<Member>? members = null,
            ImmutableHashSet<Member>? unreachable = null,
            ImmutableHashSet<Address>? seenBy = null,
            Address? leader = null,
            ImmutableDictionary<string, Address?>? roleLeaderMap = null
        ) =>
            new(
                members ?? Members,
                unreachable ?? Unreachable,
                seenBy ?? SeenBy,
                leader ?? Leader,
                roleLeaderMap ?? _roleLeaders
            );
    }
}
