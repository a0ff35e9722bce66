namespace Akka.Cluster;

public partial class ClusterEvent
{
    /// <summary>A member went one step in its life.</summary>
    public abstract class MemberStatusChange : IMemberEvent
    {
        /// <summary>The member after that step.</summary>
        protected readonly Member _member;

        /// <summary>Names the member.</summary>
        /// <exception cref="ArgumentException">The member is not where the event says.</exception>
        protected MemberStatusChange(Member member, MemberStatus validStatus)
        {
            if (member.Status != validStatus)
                throw new ArgumentException($"Expected {validStatus} state, got: {member}", nameof(member));
            _member = member;
        }

        /// <summary>The member after that step.</summary>
        public Member Member => _member;

        /// <inheritdoc/>
        public override bool Equals(object? obj) =>
            obj is MemberStatusChange other && other.GetType() == GetType() && _member.Equals(other._member);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(GetType(), _member);

        /// <inheritdoc/>
        public override string ToString() => $"{GetType().Name}({_member})";
    }

    /// <summary>It asked to be in.</summary>
    public sealed class MemberJoined : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberJoined(Member member)
            : base(member, MemberStatus.Joining) { }
    }

    /// <summary>It is in.</summary>
    public sealed class MemberUp : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberUp(Member member)
            : base(member, MemberStatus.Up) { }
    }

    /// <summary>It works, though not everybody could be told.</summary>
    public sealed class MemberWeaklyUp : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberWeaklyUp(Member member)
            : base(member, MemberStatus.WeaklyUp) { }
    }

    /// <summary>It asked to go.</summary>
    public sealed class MemberLeft : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberLeft(Member member)
            : base(member, MemberStatus.Leaving) { }
    }

    /// <summary>Everybody knows that it goes.</summary>
    public sealed class MemberExited : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberExited(Member member)
            : base(member, MemberStatus.Exiting) { }
    }

    /// <summary>It was declared dead.</summary>
    public sealed class MemberDowned : MemberStatusChange
    {
        /// <summary>Names the member.</summary>
        public MemberDowned(Member member)
            : base(member, MemberStatus.Down) { }
    }

    /// <summary>It is gone.</summary>
    public sealed class MemberRemoved : MemberStatusChange
    {
        /// <summary>Names the member and what it was before.</summary>
        public MemberRemoved(Member member, MemberStatus previousStatus)
            : base(member, MemberStatus.Removed) => PreviousStatus = previousStatus;

        /// <summary>What it was before: Down, or Exiting when it left by itself.</summary>
        public MemberStatus PreviousStatus { get; }

        /// <inheritdoc/>
        public override bool Equals(object? obj) =>
            obj is MemberRemoved other && _member.Equals(other._member) && PreviousStatus == other.PreviousStatus;

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(_member, PreviousStatus);
    }
}
