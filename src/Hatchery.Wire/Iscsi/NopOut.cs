using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>NOP-Out (RFC 7143 section 11.18).</summary>
public readonly record struct NopOut(
    bool Immediate,
    int DataLength,
    ulong Lun,
    uint TaskTag,
    uint TransferTag,
    uint CmdSn,
    uint ExpStatSn
) : IFixedWire<NopOut>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out NopOut value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.NopOut))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
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
        PduHeader.Begin(destination, IscsiOpcode.NopOut, Immediate, 0x80, DataLength);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
    }
}
