using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster;

/// <summary>What happens in a cluster, as subscribers are told it.</summary>
public partial class ClusterEvent
{
    /// <summary>A subscriber first gets one message with all of the state.</summary>
    public static readonly SubscriptionInitialStateMode InitialStateAsSnapshot =
        SubscriptionInitialStateMode.InitialStateAsSnapshot;

    /// <summary>A subscriber first gets the events that lead to the state.</summary>
    public static readonly SubscriptionInitialStateMode InitialStateAsEvents =
        SubscriptionInitialStateMode.InitialStateAsEvents;

    /// <summary>How a subscriber learns what was before it subscribed.</summary>
    public enum SubscriptionInitialStateMode
    {
        /// <summary>By one <see cref="CurrentClusterState"/>.</summary>
        InitialStateAsSnapshot = 0,

        /// <summary>By events.</summary>
        InitialStateAsEvents = 1,
    }

    /// <summary>Something that happened in the cluster.</summary>
    public interface IClusterDomainEvent : IDeadLetterSuppression;

    /// <summary>A member went one step in its life.</summary>
    public interface IMemberEvent : IClusterDomainEvent
    {
        /// <summary>The member after that step.</summary>
        Member Member { get; }
    }

    /// <summary>A member can be reached no more, or again.</summary>
    public interface IReachabilityEvent : IClusterDomainEvent;

    /// <summary>The cluster extension of this node ends.</summary>
    public sealed class ClusterShuttingDown : IClusterDomainEvent
    {
        /// <summary>The one value.</summary>
        public static readonly IClusterDomainEvent Instance = new ClusterShuttingDown();

        private ClusterShuttingDown() { }
    }

    /// <summary>Another node leads.</summary>
    public sealed class LeaderChanged : IClusterDomainEvent
    {
        /// <summary>Names the leader.</summary>
        public LeaderChanged(Address? leader) => Leader = leader;

        /// <summary>Who leads; null when nobody does.</summary>
        public Address? Leader { get; }

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is LeaderChanged other && Equals(Leader, other.Leader);

        /// <inheritdoc/>
        public override int GetHashCode() => Leader?.GetHashCode() ?? 0;

        /// <inheritdoc/>
        public override string ToString() => $"LeaderChanged(NewLeader={Leader})";
    }

    /// <summary>Another node leads those of a role.</summary>
    public sealed class RoleLeaderChanged : IClusterDomainEvent
    {
        /// <summary>Names role and leader.</summary>
        public RoleLeaderChanged(string role, Address? leader)
        {
            Role = role;
            Leader = leader;
        }

        /// <summary>The role.</summary>
        public string Role { get; }

        /// <summary>Who leads; null when nobody does.</summary>
        public Address? Leader { get; }

        /// <inheritdoc/>
        public override bool Equals(object? obj) =>
            obj is RoleLeaderChanged other
            && string.Equals(Role, other.Role, StringComparison.Ordinal)
            && Equals(Leader, other.Leader);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Role, Leader);

        /// <inheritdoc/>
        public override string ToString() => $"RoleLeaderChanged(Leader={Leader}, Role={Role})";
    }

    /// <summary>A member can be reached no more, or again.</summary>
    public abstract class ReachabilityEvent : IReachabilityEvent
    {
        /// <summary>Names the member.</summary>
        protected ReachabilityEvent(Member member) => Member = member;

        /// <summary>The member.</summary>
        public Member Member { get; }

        /// <inheritdoc/>
        public override bool Equals(object? obj) =>
            obj is ReachabilityEvent other && other.GetType() == GetType() && Member.Equals(other.Member);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(GetType(), Member);

        /// <inheritdoc/>
        public override string ToString() => $"{GetType().Name}({Member})";
    }

    /// <summary>Somebody cannot reach the member.</summary>
    public sealed class UnreachableMember : ReachabilityEvent
    {
        /// <summary>Names the member.</summary>
        public UnreachableMember(Member member)
            : base(member) { }
    }

    /// <summary>Everybody can reach the member again.</summary>
    public sealed class ReachableMember : ReachabilityEvent
    {
        /// <summary>Names the member.</summary>
        public ReachableMember(Member member)
            : base(member) { }
    }

    /// <summary>The state, for those of the engine that need all of it; follows every change of the gossip.</summary>
    internal sealed record MembershipChanged(MembershipState State) : INoSerializationVerificationNeeded;
}
