using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>SCSI Command (RFC 7143 section 11.3); of a longer CDB only the first 16 bytes.</summary>
public readonly record struct ScsiCommand(
    bool Immediate,
    bool Final,
    bool Reads,
    bool Writes,
    byte Attributes,
    int DataLength,
    ulong Lun,
    uint TaskTag,
    uint ExpectedLength,
    uint CmdSn,
    uint ExpStatSn,
    CommandBlock Cdb
) : IFixedWire<ScsiCommand>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out ScsiCommand value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.ScsiCommand))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
            (source[1] & 0x80) != 0,
            (source[1] & 0x40) != 0,
            (source[1] & 0x20) != 0,
            (byte)(source[1] & 0x07),
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..]),
            CommandBlock.Read(source[32..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.ScsiCommand,
            Immediate,
            (byte)((Final ? 0x80 : 0) | (Reads ? 0x40 : 0) | (Writes ? 0x20 : 0) | (Attributes & 0x07)),
            DataLength
        );
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], ExpectedLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
        Cdb.Write(destination[32..]);
    }
}
