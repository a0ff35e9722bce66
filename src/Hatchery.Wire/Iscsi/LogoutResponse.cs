using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Logout Response (RFC 7143 section 11.15).</summary>
public readonly record struct LogoutResponse(
    byte Response,
    uint TaskTag,
    SequenceNumbers Sequence,
    ushort Time2WaitSeconds,
    ushort Time2RetainSeconds
) : IFixedWire<LogoutResponse>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out LogoutResponse value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.LogoutResponse))
            return false;
        value = new(
            source[2],
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            SequenceNumbers.Read(source[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[40..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[42..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.LogoutResponse, immediate: false, 0x80, 0);
        destination[2] = Response;
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[40..], Time2WaitSeconds);
        BinaryPrimitives.WriteUInt16BigEndian(destination[42..], Time2RetainSeconds);
    }
}
