using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Text Response (RFC 7143 section 11.11).</summary>
public readonly record struct TextResponse(
    bool Final,
    bool Continues,
    int DataLength,
    ulong Lun,
    uint TaskTag,
    uint TransferTag,
    SequenceNumbers Sequence
) : IFixedWire<TextResponse>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out TextResponse value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.TextResponse))
            return false;
        value = new(
            (source[1] & 0x80) != 0,
            (source[1] & 0x40) != 0,
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
        PduHeader.Begin(
            destination,
            IscsiOpcode.TextResponse,
            immediate: false,
            (byte)((Final ? 0x80 : 0) | (Continues ? 0x40 : 0)),
            DataLength
        );
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], TransferTag);
        Sequence.Write(destination[24..]);
    }
}
