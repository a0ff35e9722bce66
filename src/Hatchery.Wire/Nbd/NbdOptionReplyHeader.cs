using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>What stands before each reply to an option.</summary>
public readonly record struct NbdOptionReplyHeader(NbdOption Option, NbdOptionReplyType Type, uint LengthBytes)
    : IFixedWire<NbdOptionReplyHeader>
{
    public static int SizeBytes => 20;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdOptionReplyHeader value)
    {
        value = default;
        if (source.Length < 20 || BinaryPrimitives.ReadUInt64BigEndian(source) != NbdProtocol.OptionReplyMagic)
            return false;
        value = new(
            (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            (NbdOptionReplyType)BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, NbdProtocol.OptionReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], (uint)Option);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], (uint)Type);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LengthBytes);
    }
}
