using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Ready To Transfer (RFC 7143 section 11.8).</summary>
public readonly record struct ReadyToTransfer(
    ulong Lun,
    uint TaskTag,
    uint TransferTag,
    SequenceNumbers Sequence,
    uint R2tSn,
    uint BufferOffset,
    uint DesiredLength
) : IFixedWire<ReadyToTransfer>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out ReadyToTransfer value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.ReadyToTransfer))
            return false;
        value = new(
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
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
        PduHeader.Begin(destination, IscsiOpcode.ReadyToTransfer, immediate: false, 0x80, 0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], R2tSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], BufferOffset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[44..], DesiredLength);
    }
}
