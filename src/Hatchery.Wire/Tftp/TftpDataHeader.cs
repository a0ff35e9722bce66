using System.Buffers.Binary;

namespace Hatchery.Wire.Tftp;

/// <summary>The bytes before a data packet's payload, for senders that read the file straight into the packet.</summary>
public static class TftpDataHeader
{
    public const int Bytes = 4;

    public static void Write(Span<byte> destination, ushort block)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)TftpOpcode.Data);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], block);
    }
}
