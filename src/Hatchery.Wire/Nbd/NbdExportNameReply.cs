using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>The reply to EXPORT_NAME, without the 124 zeroes that follow it unless both sides said NO_ZEROES.</summary>
public readonly record struct NbdExportNameReply(ulong LengthBytes, NbdTransmissionFlags Flags)
    : IFixedWire<NbdExportNameReply>
{
    public const int TrailingZeroes = 124;

    public static int SizeBytes => 10;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdExportNameReply value)
    {
        value = default;
        if (source.Length < 10)
            return false;
        value = new(
            BinaryPrimitives.ReadUInt64BigEndian(source),
            (NbdTransmissionFlags)BinaryPrimitives.ReadUInt16BigEndian(source[8..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, LengthBytes);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], (ushort)Flags);
    }
}
