using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>SCSI Response (RFC 7143 section 11.4).</summary>
public readonly record struct ScsiResponse(
    bool Overflow,
    bool Underflow,
    int DataLength,
    byte Response,
    byte Status,
    uint TaskTag,
    SequenceNumbers Sequence,
    uint ExpDataSn,
    uint ResidualCount
) : IFixedWire<ScsiResponse>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out ScsiResponse value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.ScsiResponse))
            return false;
        value = new(
            (source[1] & 0x04) != 0,
            (source[1] & 0x02) != 0,
            PduHeader.DataLength(source),
            source[2],
            source[3],
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            SequenceNumbers.Read(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[36..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[44..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.ScsiResponse,
            immediate: false,
            (byte)(0x80 | (Overflow ? 0x04 : 0) | (Underflow ? 0x02 : 0)),
            DataLength
        );
        destination[2] = Response;
        destination[3] = Status;
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], ExpDataSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[44..], ResidualCount);
    }
}
