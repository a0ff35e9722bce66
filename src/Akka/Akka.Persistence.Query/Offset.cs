namespace Akka.Persistence.Query;

/// <summary>A place in a stream of events; a query that is given one goes on behind it.</summary>
public abstract class Offset : IComparable<Offset>
{
    /// <summary>From the first event on.</summary>
    public static Offset NoOffset() => Query.NoOffset.Instance;

    /// <summary>Behind the event with this number.</summary>
    public static Offset Sequence(long value) => new Sequence(value);

    /// <exception cref="InvalidOperationException">The offsets are of different kinds.</exception>
    public abstract int CompareTo(Offset? other);
}

/// <summary>From the first event on.</summary>
public sealed class NoOffset : Offset
{
    private NoOffset() { }

    public static NoOffset Instance { get; } = new();

    public override int CompareTo(Offset? other) =>
        other is NoOffset
            ? 0
            : throw new InvalidOperationException($"Cannot compare {GetType()} with {other?.GetType()}.");
}

/// <summary>Behind the event with a number that the journal gave it, higher for each later event.</summary>
public sealed class Sequence(long value) : Offset, IComparable<Sequence>
{
    public long Value { get; } = value;

    public int CompareTo(Sequence? other) => other is null ? 1 : Value.CompareTo(other.Value);

    public override int CompareTo(Offset? other) =>
        other is Sequence sequence
            ? CompareTo(sequence)
            : throw new InvalidOperationException($"Cannot compare {GetType()} with {other?.GetType()}.");

    public override bool Equals(object? obj) => obj is Sequence other && other.Value == Value;

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
