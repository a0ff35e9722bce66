namespace Hatchery.Disks;

/// <summary>The number of a session: one higher each time a device's disk is opened for writing somewhere. 0: never opened.</summary>
public readonly record struct Epoch(ulong Value) : IComparable<Epoch>
{
    public Epoch Next() => new(checked(Value + 1));

    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    public override string ToString() => $"e{Value}";
}
