namespace Hatchery.Disks;

/// <summary>A place in a write cache: a segment's number and bytes into it. As the end of a copy it says how long that is. (0, 0): nothing.</summary>
public readonly record struct CachePosition(int Segment, long Offset) : IComparable<CachePosition>
{
    public int CompareTo(CachePosition other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    public CachePosition Plus(long bytes) => this with { Offset = checked(Offset + bytes) };

    public static bool operator <(CachePosition left, CachePosition right) => left.CompareTo(right) < 0;

    public static bool operator >(CachePosition left, CachePosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(CachePosition left, CachePosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(CachePosition left, CachePosition right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Segment}:{Offset}";
}
