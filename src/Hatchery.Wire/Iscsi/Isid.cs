using System.Buffers.Binary;
using System.Globalization;

namespace Hatchery.Wire.Iscsi;

/// <summary>The initiator's half of a session's id, 48 bits (RFC 7143 section 11.12.5).</summary>
public readonly record struct Isid(ulong Value)
{
    internal static Isid Read(ReadOnlySpan<byte> source) =>
        new(
            ((ulong)BinaryPrimitives.ReadUInt32BigEndian(source) << 16)
                | BinaryPrimitives.ReadUInt16BigEndian(source[4..])
        );

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(Value >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)Value);
    }

    public override string ToString() => Value.ToString("x12", CultureInfo.InvariantCulture);
}
