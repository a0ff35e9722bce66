using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>The fixed part of every request; a WRITE is followed by as many bytes as its length says.</summary>
public readonly record struct NbdRequest(
    NbdCommandFlags Flags,
    NbdCommand Command,
    ulong Cookie,
    ulong Offset,
    uint LengthBytes
) : IFixedWire<NbdRequest>
{
    public static int SizeBytes => 28;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdRequest value)
    {
        value = default;
        if (source.Length < 28 || BinaryPrimitives.ReadUInt32BigEndian(source) != NbdProtocol.RequestMagic)
            return false;
        value = new(
            (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[4..]),
            (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(source[6..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, NbdProtocol.RequestMagic);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], (ushort)Command);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Offset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], LengthBytes);
    }
}
