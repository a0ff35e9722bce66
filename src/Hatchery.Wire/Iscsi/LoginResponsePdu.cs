using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Login Response (RFC 7143 section 11.13).</summary>
public readonly record struct LoginResponsePdu(
    bool Transit,
    bool Continues,
    LoginStage CurrentStage,
    LoginStage NextStage,
    int DataLength,
    byte VersionMax,
    byte VersionActive,
    Isid Isid,
    ushort Tsih,
    uint TaskTag,
    SequenceNumbers Sequence,
    ushort Status
) : IFixedWire<LoginResponsePdu>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out LoginResponsePdu value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.LoginResponse))
            return false;
        value = new(
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
            SequenceNumbers.Read(source[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[36..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.LoginResponse,
            immediate: false,
            (byte)(
                (Transit ? 0x80 : 0)
                | (Continues ? 0x40 : 0)
                | (((int)CurrentStage & 0x03) << 2)
                | ((int)NextStage & 0x03)
            ),
            DataLength
        );
        destination[2] = VersionMax;
        destination[3] = VersionActive;
        Isid.Write(destination[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], Tsih);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        Sequence.Write(destination[24..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[36..], Status);
    }
}
