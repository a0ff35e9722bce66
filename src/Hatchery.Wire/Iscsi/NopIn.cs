using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>NOP-In (RFC 7143 section 11.19).</summary>
public readonly record struct NopIn(int DataLength, ulong Lun, uint TaskTag, uint TransferTag, SequenceNumbers Sequence)
    : IFixedWire<NopIn>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out NopIn value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.NopIn))
            return false;
        value = new(
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            SequenceNumbers.Read(source[24..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.NopIn, immediate: false, 0x80, DataLength);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        Sequence.Write(destination[24..]);
    }
}
