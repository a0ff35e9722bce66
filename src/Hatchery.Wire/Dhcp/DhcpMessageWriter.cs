using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Wire.Dhcp;

internal static class DhcpMessageWriter
{
    private const int LeastBytes = 300;

    public static void Write(DhcpMessage message, IBufferWriter<byte> destination)
    {
        var body = new ArrayBufferWriter<byte>(LeastBytes);
        WriteHeader(message, body.GetSpan(DhcpMessage.HeaderBytes)[..DhcpMessage.HeaderBytes]);
        body.Advance(DhcpMessage.HeaderBytes);
        DhcpOptionsCodec.Write(message.Options, body);
        body.Write([(byte)DhcpOptionCode.End]);
        destination.Write(body.WrittenSpan);
        Span<byte> padding = stackalloc byte[Math.Max(0, LeastBytes - body.WrittenCount)];
        padding.Clear();
        destination.Write(padding);
    }

    private static void WriteHeader(DhcpMessage message, Span<byte> header)
    {
        header.Clear();
        header[0] = (byte)message.Operation;
        header[1] = message.HardwareType;
        header[2] = 6;
        header[3] = message.Hops;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], message.TransactionId);
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], message.Seconds);
        header[10] = message.Broadcast ? (byte)0x80 : (byte)0;
        message.ClientAddress.TryWriteBytes(header[12..16], out _);
        message.YourAddress.TryWriteBytes(header[16..20], out _);
        message.NextServer.TryWriteBytes(header[20..24], out _);
        message.RelayAddress.TryWriteBytes(header[24..28], out _);
        message.ClientMac.CopyTo(header[28..34]);
        WriteText(message.ServerName, header.Slice(44, DhcpMessage.ServerNameBytes));
        WriteText(message.BootFile, header.Slice(108, DhcpMessage.BootFileBytes));
        BinaryPrimitives.WriteUInt32BigEndian(header[236..], DhcpMessageReader.MagicCookie);
    }

    private static void WriteText(string text, Span<byte> field)
    {
        if (text.Length > field.Length)
            throw new ArgumentException($"'{text}' does not fit a field of {field.Length} bytes", nameof(text));
        Encoding.Latin1.GetBytes(text, field);
    }
}
