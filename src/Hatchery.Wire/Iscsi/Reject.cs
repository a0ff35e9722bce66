using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Reject (RFC 7143 section 11.17); its data is the header that was not accepted.</summary>
public readonly record struct Reject(int DataLength, RejectReason Reason, SequenceNumbers Sequence, uint DataSn)
    : IFixedWire<Reject>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out Reject value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.Reject))
            return false;
        value = new(
            PduHeader.DataLength(source),
            (RejectReason)source[2],
            SequenceNumbers.Read(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[36..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.Reject, immediate: false, 0x80, DataLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], PduHeader.NoTag);
        destination[2] = (byte)Reason;
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], DataSn);
    }
}
