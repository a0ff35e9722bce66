using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Logout Request (RFC 7143 section 11.14).</summary>
public readonly record struct LogoutRequest(
    bool Immediate,
    LogoutReason Reason,
    uint TaskTag,
    ushort ConnectionId,
    uint CmdSn,
    uint ExpStatSn
) : IFixedWire<LogoutRequest>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out LogoutRequest value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.LogoutRequest))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
            (LogoutReason)(source[1] & 0x7f),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.LogoutRequest, Immediate, (byte)(0x80 | ((int)Reason & 0x7f)), 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt16BigEndian(destination[20..], ConnectionId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
    }
}
