using Akka.Actor;

namespace Akka.Cluster;

/// <summary>One incarnation of a node: its address, and a number that is another one after each restart.</summary>
public class UniqueAddress : IComparable<UniqueAddress>, IEquatable<UniqueAddress>, IComparable
{
    private VectorClock.Node? _clockNode;

    /// <summary>Names an incarnation.</summary>
    public UniqueAddress(Address address, int uid)
    {
        Address = address;
        Uid = uid;
    }

    /// <summary>Where the node is.</summary>
    public Address Address { get; }

    /// <summary>Which incarnation it is.</summary>
    public int Uid { get; }

    /// <summary>The name under which it counts in vector clocks.</summary>
    internal VectorClock.Node ClockNode => _clockNode ??= VectorClock.Node.Create($"{Address}-{Uid}");

    /// <inheritdoc/>
    public bool Equals(UniqueAddress? other) =>
        other is not null && (ReferenceEquals(this, other) || (Uid == other.Uid && Address.Equals(other.Address)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UniqueAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => Uid;

    /// <inheritdoc/>
    public int CompareTo(UniqueAddress? other)
    {
        if (other is null)
            return 1;
        var order = Member.AddressOrdering.Compare(Address, other.Address);
        return order != 0 ? order : Uid.CompareTo(other.Uid);
    }

    int IComparable.CompareTo(object? obj) => CompareTo(obj as UniqueAddress);

    /// <inheritdoc/>
    public override string ToString() => $"UniqueAddress: ({Address}, {Uid})";

    /// <summary>Compares two incarnations.</summary>
    public static bool operator ==(UniqueAddress? left, UniqueAddress? right) => Equals(left, right);

    /// <summary>Compares two incarnations.</summary>
    public static bool operator !=(UniqueAddress? left, UniqueAddress? right) => !Equals(left, right);
}
