using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>What stands before each option of a client; the length is the peer's word and has to be bounded by the reader.</summary>
public readonly record struct NbdOptionHeader(NbdOption Option, uint LengthBytes) : IFixedWire<NbdOptionHeader>
{
    public static int SizeBytes => 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdOptionHeader value)
    {
        value = default;
        if (source.Length < 16 || BinaryPrimitives.ReadUInt64BigEndian(source) != NbdProtocol.OptionMagic)
            return false;
        value = new(
            (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[12..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], (uint)Option);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], LengthBytes);
    }
}
