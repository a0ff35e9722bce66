namespace Hatchery.Wire;

/// <summary>A wire element whose fixed part has one size; reading is total, writing overwrites every byte of it.</summary>
public interface IFixedWire<TSelf>
    where TSelf : struct, IFixedWire<TSelf>
{
    static abstract int SizeBytes { get; }

    /// <summary>False when the source is too short or is not this element.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> source, out TSelf value);

    void Write(Span<byte> destination);
}
