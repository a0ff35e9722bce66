using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>SCSI Data-Out (RFC 7143 section 11.7).</summary>
public readonly record struct DataOut(
    bool Final,
    int DataLength,
    ulong Lun,
    uint TaskTag,
    uint TransferTag,
    uint ExpStatSn,
    uint DataSn,
    uint BufferOffset
) : IFixedWire<DataOut>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out DataOut value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.DataOut))
            return false;
        value = new(
            (source[1] & 0x80) != 0,
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[36..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[40..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.DataOut, immediate: false, (byte)((Final ? 0x80 : 0)), DataLength);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], DataSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], BufferOffset);
    }
}
