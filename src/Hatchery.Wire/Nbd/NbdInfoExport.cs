using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>Information EXPORT: the size of the disk and what may be done with it.</summary>
public readonly record struct NbdInfoExport(ulong LengthBytes, NbdTransmissionFlags Flags) : IFixedWire<NbdInfoExport>
{
    public static int SizeBytes => 12;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdInfoExport value)
    {
        value = default;
        if (source.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(source) != (ushort)NbdInfoType.Export)
            return false;
        value = new(
            BinaryPrimitives.ReadUInt64BigEndian(source[2..]),
            (NbdTransmissionFlags)BinaryPrimitives.ReadUInt16BigEndian(source[10..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)NbdInfoType.Export);
        BinaryPrimitives.WriteUInt64BigEndian(destination[2..], LengthBytes);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], (ushort)Flags);
    }
}
