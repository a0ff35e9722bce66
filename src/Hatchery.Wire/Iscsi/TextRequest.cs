using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Text Request (RFC 7143 section 11.10).</summary>
public readonly record struct TextRequest(
    bool Immediate,
    bool Final,
    bool Continues,
    int DataLength,
    ulong Lun,
    uint TaskTag,
    uint TransferTag,
    uint CmdSn,
    uint ExpStatSn
) : IFixedWire<TextRequest>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out TextRequest value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.TextRequest))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
            (source[1] & 0x80) != 0,
            (source[1] & 0x40) != 0,
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.TextRequest,
            Immediate,
            (byte)((Final ? 0x80 : 0) | (Continues ? 0x40 : 0)),
            DataLength
        );
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
    }
}
