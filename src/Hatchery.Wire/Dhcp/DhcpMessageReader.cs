using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Hatchery.Wire.Dhcp;

internal static class DhcpMessageReader
{
    internal const uint MagicCookie = 0x63825363;

    public static bool TryRead(ReadOnlySpan<byte> source, out DhcpMessage message)
    {
        message = null!;
        if (source.Length < DhcpMessage.HeaderBytes || source[0] is not (1 or 2) || source[2] != 6)
            return false;
        var hasCookie = BinaryPrimitives.ReadUInt32BigEndian(source[236..]) == MagicCookie;
        var options = new DhcpOptionsCollector();
        if (hasCookie && !options.TryAppend(source[DhcpMessage.HeaderBytes..]))
            return false;
        var serverName = source.Slice(44, DhcpMessage.ServerNameBytes);
        var bootFile = source.Slice(108, DhcpMessage.BootFileBytes);

        // RFC 2131 section 4.1: the file field is read before sname, both after the options field.
        var overload = options.Value(DhcpOptionCode.Overload) is { Length: 1 } o ? o[0] : 0;
        if ((overload & 1) != 0 && !options.TryAppend(bootFile))
            return false;
        if ((overload & 2) != 0 && !options.TryAppend(serverName))
            return false;

        message = new DhcpMessage
        {
            Operation = (DhcpOperation)source[0],
            HardwareType = source[1],
            Hops = source[3],
            TransactionId = BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            Seconds = BinaryPrimitives.ReadUInt16BigEndian(source[8..]),
            Broadcast = (source[10] & 0x80) != 0,
            ClientAddress = new IPAddress(source.Slice(12, 4)),
            YourAddress = new IPAddress(source.Slice(16, 4)),
            NextServer = new IPAddress(source.Slice(20, 4)),
            RelayAddress = new IPAddress(source.Slice(24, 4)),
            ClientMac = MacAddress.FromBytes(source.Slice(28, 6)),
            ServerName = (overload & 2) != 0 ? "" : Text(serverName),
            BootFile = (overload & 1) != 0 ? "" : Text(bootFile),
            Options = options.ToOptions().Without(DhcpOptionCode.Overload),
            HasCookie = hasCookie,
        };
        return true;
    }

    /// <summary>Latin-1 keeps any byte, so whatever a client wrote survives a round trip.</summary>
    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.Latin1.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);
}
