using System.Collections.Immutable;
using Akka.Actor;
using Akka.Util;

namespace Akka.Cluster;

/// <summary>A node of the cluster: who it is, what it is for, and where it is in its life. Equal by its unique address.</summary>
public partial class Member : IComparable<Member>, IComparable
{
    private static readonly IReadOnlyDictionary<MemberStatus, MemberStatus[]> AllowedTransitions = new Dictionary<
        MemberStatus,
        MemberStatus[]
    >
    {
        [MemberStatus.Joining] =
        [
            MemberStatus.WeaklyUp,
            MemberStatus.Up,
            MemberStatus.Leaving,
            MemberStatus.Down,
            MemberStatus.Removed,
        ],
        [MemberStatus.WeaklyUp] = [MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Up] = [MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Leaving] = [MemberStatus.Exiting, MemberStatus.Down, MemberStatus.Removed],
        [MemberStatus.Exiting] = [MemberStatus.Removed, MemberStatus.Down],
        [MemberStatus.Down] = [MemberStatus.Removed],
        [MemberStatus.Removed] = [],
    };

    internal Member(
        UniqueAddress uniqueAddress,
        int upNumber,
        MemberStatus status,
        ImmutableHashSet<string> roles,
        AppVersion appVersion
    )
    {
        UniqueAddress = uniqueAddress;
        UpNumber = upNumber;
        Status = status;
        Roles = roles;
        AppVersion = appVersion;
    }

    /// <summary>Which incarnation of which node.</summary>
    public UniqueAddress UniqueAddress { get; }

    /// <summary>Where it is in its life.</summary>
    public MemberStatus Status { get; }

    /// <summary>What it is for.</summary>
    public ImmutableHashSet<string> Roles { get; }

    /// <summary>The version of the application that it runs.</summary>
    public AppVersion AppVersion { get; }

    /// <summary>Where it is.</summary>
    public Address Address => UniqueAddress.Address;

    /// <summary>Its place in the order in which members became Up; <see cref="int.MaxValue"/> before.</summary>
    internal int UpNumber { get; }

    /// <summary>A member that asks to be in.</summary>
    internal static Member Create(UniqueAddress node, ImmutableHashSet<string> roles, AppVersion appVersion) =>
        new(node, int.MaxValue, MemberStatus.Joining, roles, appVersion);

    /// <summary>What a node is before it joins and after it left.</summary>
    internal static Member Removed(UniqueAddress node, ImmutableHashSet<string> roles, AppVersion appVersion) =>
        new(node, int.MaxValue, MemberStatus.Removed, roles, appVersion);

    /// <summary>True when it has that role.</summary>
    public bool HasRole(string role) => Roles.Contains(role);

    /// <summary>True when it was Up before <paramref name="other"/>; of two that are not Up yet, the one with the lower address.</summary>
    public bool IsOlderThan(Member other) =>
        UpNumber == other.UpNumber ? AddressOrdering.Compare(Address, other.Address) < 0 : UpNumber < other.UpNumber;

    /// <summary>The same member with another status.</summary>
    /// <exception cref="InvalidOperationException">A life does not go that way.</exception>
    public Member Copy(MemberStatus status)
    {
        if (status == Status)
            return this;
        if (!AllowedTransitions[Status].Contains(status))
            throw new InvalidOperationException(
                $"Invalid member status transition [{Status} -> {status}] of {Address}"
            );
        return new Member(UniqueAddress, UpNumber, status, Roles, AppVersion);
    }

    /// <summary>The same member, Up, with its place in the order of age.</summary>
    public Member CopyUp(int upNumber) =>
        new Member(UniqueAddress, upNumber, Status, Roles, AppVersion).Copy(MemberStatus.Up);

    /// <inheritdoc/>
    public int CompareTo(Member? other) => other is null ? 1 : UniqueAddress.CompareTo(other.UniqueAddress);

    int IComparable.CompareTo(object? obj) => CompareTo(obj as Member);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Member other && UniqueAddress.Equals(other.UniqueAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => UniqueAddress.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() =>
        $"Member(address = {Address}, Uid={UniqueAddress.Uid} status = {Status}, role=[{string.Join(",", Roles.Order(StringComparer.Ordinal))}], upNumber={UpNumber}, version={AppVersion.Version})";
}
