using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>SCSI Data-In (RFC 7143 section 11.7); with the status bit it also ends the command.</summary>
public readonly record struct DataIn(
    bool Final,
    bool Overflow,
    bool Underflow,
    bool HasStatus,
    int DataLength,
    ulong Lun,
    byte Status,
    uint TaskTag,
    uint TransferTag,
    SequenceNumbers Sequence,
    uint DataSn,
    uint BufferOffset,
    uint ResidualCount
) : IFixedWire<DataIn>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out DataIn value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.DataIn))
            return false;
        value = new(
            (source[1] & 0x80) != 0,
            (source[1] & 0x04) != 0,
            (source[1] & 0x02) != 0,
            (source[1] & 0x01) != 0,
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            source[3],
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            SequenceNumbers.Read(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[36..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[40..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[44..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.DataIn,
            immediate: false,
            (byte)((Final ? 0x80 : 0) | (Overflow ? 0x04 : 0) | (Underflow ? 0x02 : 0) | (HasStatus ? 0x01 : 0)),
            DataLength
        );
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        destination[3] = Status;
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], DataSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], BufferOffset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[44..], ResidualCount);
    }
}
