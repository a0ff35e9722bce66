using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Login Request (RFC 7143 section 11.12); always immediate.</summary>
public readonly record struct LoginRequestPdu(
    bool Immediate,
    bool Transit,
    bool Continues,
    LoginStage CurrentStage,
    LoginStage NextStage,
    int DataLength,
    byte VersionMax,
    byte VersionMin,
    Isid Isid,
    ushort Tsih,
    uint TaskTag,
    ushort ConnectionId,
    uint CmdSn,
    uint ExpStatSn
) : IFixedWire<LoginRequestPdu>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out LoginRequestPdu value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.LoginRequest))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
            (source[1] & 0x80) != 0,
            (source[1] & 0x40) != 0,
            (LoginStage)((source[1] >> 2) & 0x03),
            (LoginStage)(source[1] & 0x03),
            PduHeader.DataLength(source),
            source[2],
            source[3],
            Iscsi.Isid.Read(source[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[14..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.LoginRequest,
            Immediate,
            (byte)(
                (Transit ? 0x80 : 0)
                | (Continues ? 0x40 : 0)
                | (((int)CurrentStage & 0x03) << 2)
                | ((int)NextStage & 0x03)
            ),
            DataLength
        );
        destination[2] = VersionMax;
        destination[3] = VersionMin;
        Isid.Write(destination[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], Tsih);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt16BigEndian(destination[20..], ConnectionId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
    }
}
