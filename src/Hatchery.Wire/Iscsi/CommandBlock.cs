using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>The 16 bytes of a SCSI Command that hold its command descriptor block, shorter ones padded with zeroes.</summary>
public readonly record struct CommandBlock(ulong First, ulong Second)
{
    public const int SizeBytes = 16;

    public static CommandBlock Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, First);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Second);
    }
}
