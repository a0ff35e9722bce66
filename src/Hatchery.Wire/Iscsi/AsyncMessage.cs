using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Asynchronous Message (RFC 7143 section 11.9).</summary>
public readonly record struct AsyncMessage(
    int DataLength,
    ulong Lun,
    SequenceNumbers Sequence,
    AsyncEvent Event,
    byte VendorCode,
    ushort Parameter1,
    ushort Parameter2,
    ushort Parameter3
) : IFixedWire<AsyncMessage>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out AsyncMessage value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.AsyncMessage))
            return false;
        value = new(
            PduHeader.DataLength(source),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            SequenceNumbers.Read(source[24..]),
            (AsyncEvent)source[36],
            source[37],
            BinaryPrimitives.ReadUInt16BigEndian(source[38..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[40..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[42..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.AsyncMessage, immediate: false, 0x80, DataLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], PduHeader.NoTag);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        Sequence.Write(destination[24..]);
        destination[36] = (byte)Event;
        destination[37] = VendorCode;
        BinaryPrimitives.WriteUInt16BigEndian(destination[38..], Parameter1);
        BinaryPrimitives.WriteUInt16BigEndian(destination[40..], Parameter2);
        BinaryPrimitives.WriteUInt16BigEndian(destination[42..], Parameter3);
    }
}
