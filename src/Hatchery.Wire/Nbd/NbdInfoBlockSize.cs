using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>Information BLOCK_SIZE: what offsets and lengths must, should and may be, in bytes.</summary>
public readonly record struct NbdInfoBlockSize(uint MinimumBytes, uint PreferredBytes, uint MaximumPayloadBytes)
    : IFixedWire<NbdInfoBlockSize>
{
    public static int SizeBytes => 14;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdInfoBlockSize value)
    {
        value = default;
        if (source.Length < 14 || BinaryPrimitives.ReadUInt16BigEndian(source) != (ushort)NbdInfoType.BlockSize)
            return false;
        value = new(
            BinaryPrimitives.ReadUInt32BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[6..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[10..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)NbdInfoType.BlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], MinimumBytes);
        BinaryPrimitives.WriteUInt32BigEndian(destination[6..], PreferredBytes);
        BinaryPrimitives.WriteUInt32BigEndian(destination[10..], MaximumPayloadBytes);
    }
}
