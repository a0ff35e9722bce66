using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Wire.Dhcp;

internal static class DhcpMessageWriter
{
    private const int LeastBytes = 300;

    private const int OverloadBytes = 3;
    private const byte FileHoldsOptions = 1;
    private const byte NameHoldsOptions = 2;

    /// <inheritdoc cref="DhcpMessage.Write(IBufferWriter{byte}, int)"/>
    public static IReadOnlyList<byte> Write(DhcpMessage message, IBufferWriter<byte> destination, int bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, LeastBytes);
        var header = new byte[DhcpMessage.HeaderBytes];
        WriteHeader(message, header);
        var left = bytesMax - DhcpMessage.HeaderBytes - 1;
        var dropped = new List<byte>();
        var body = new ArrayBufferWriter<byte>(LeastBytes);
        var options = message.HasCookie ? message.Options : DhcpOptions.None;
        if (options.Sum(o => DhcpOptionsCodec.LengthOf(o.Value)) <= left)
            DhcpOptionsCodec.Write(options, body);
        else
            WriteInPlaces(message, header, left, body, dropped);
        destination.Write(header);
        destination.Write(body.WrittenSpan);
        destination.Write([message.HasCookie ? (byte)DhcpOptionCode.End : (byte)DhcpOptionCode.Pad]);
        Span<byte> padding = stackalloc byte[Math.Max(0, LeastBytes - header.Length - body.WrittenCount - 1)];
        padding.Clear();
        destination.Write(padding);
        return dropped;
    }

    /// <summary>Each option whole in the first place with room for it. What a relay added stays in the options field, as its last.</summary>
    private static void WriteInPlaces(
        DhcpMessage message,
        Span<byte> header,
        int left,
        ArrayBufferWriter<byte> body,
        List<byte> dropped
    )
    {
        const DhcpOptionCode relay = DhcpOptionCode.RelayAgentInformation;
        var relayed = message.Options.Where(code => code == (byte)relay);
        left -= relayed.Sum(o => DhcpOptionsCodec.LengthOf(o.Value));
        var mayOverload = message.Options.Has(DhcpOptionCode.MessageType);
        var file = mayOverload && message.BootFile.Length == 0 ? DhcpMessage.BootFileBytes - 1 : 0;
        var name = mayOverload && message.ServerName.Length == 0 ? DhcpMessage.ServerNameBytes - 1 : 0;
        if (file + name > 0)
            left -= OverloadBytes;
        var (inFile, inName) = (new ArrayBufferWriter<byte>(128), new ArrayBufferWriter<byte>(64));
        foreach (var (code, value) in message.Options.Where(code => code != (byte)relay))
        {
            var length = DhcpOptionsCodec.LengthOf(value);
            if (length <= left - body.WrittenCount)
                DhcpOptionsCodec.Write(code, value.Span, body);
            else if (length <= file - inFile.WrittenCount)
                DhcpOptionsCodec.Write(code, value.Span, inFile);
            else if (length <= name - inName.WrittenCount)
                DhcpOptionsCodec.Write(code, value.Span, inName);
            else
                dropped.Add(code);
        }
        var overload = (byte)(
            (inFile.WrittenCount > 0 ? FileHoldsOptions : 0) | (inName.WrittenCount > 0 ? NameHoldsOptions : 0)
        );
        if (overload > 0)
            DhcpOptionsCodec.Write((byte)DhcpOptionCode.Overload, [overload], body);
        DhcpOptionsCodec.Write(relayed, body);
        if (inName.WrittenCount > 0)
            Fill(inName, header.Slice(44, DhcpMessage.ServerNameBytes));
        if (inFile.WrittenCount > 0)
            Fill(inFile, header.Slice(108, DhcpMessage.BootFileBytes));
    }

    private static void Fill(ArrayBufferWriter<byte> options, Span<byte> field)
    {
        options.WrittenSpan.CopyTo(field);
        field[options.WrittenCount] = (byte)DhcpOptionCode.End;
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
        if (message.HasCookie)
            BinaryPrimitives.WriteUInt32BigEndian(header[236..], DhcpMessageReader.MagicCookie);
    }

    private static void WriteText(string text, Span<byte> field)
    {
        if (text.Length > field.Length)
            throw new ArgumentException($"'{text}' does not fit a field of {field.Length} bytes", nameof(text));
        Encoding.Latin1.GetBytes(text, field);
    }
}
