using System.Buffers;

namespace Hatchery.Wire.Icmp6;

/// <summary>Options of neighbour discovery: type, length in units of 8 bytes, value (RFC 4861 section 4.6).</summary>
internal static class NeighborOptions
{
    private const byte SourceLinkLayerAddress = 1;

    /// <summary>False where an option has no length or ends past the packet: the whole message is then to be dropped.</summary>
    public static bool TryReadSourceMac(ReadOnlySpan<byte> options, out MacAddress? mac)
    {
        mac = null;
        while (options.Length > 0)
        {
            if (options.Length < 8 || options[1] == 0 || options.Length < 8 * options[1])
                return false;
            if (options[0] == SourceLinkLayerAddress && options[1] == 1)
                mac = MacAddress.FromBytes(options.Slice(2, 6));
            options = options[(8 * options[1])..];
        }
        return true;
    }

    public static void WriteSourceMac(MacAddress mac, IBufferWriter<byte> destination)
    {
        var option = destination.GetSpan(8);
        option[0] = SourceLinkLayerAddress;
        option[1] = 1;
        mac.CopyTo(option[2..8]);
        destination.Advance(8);
    }
}
