using System.Buffers;
using System.Buffers.Binary;

namespace Hatchery.Wire.Icmp6;

/// <summary>A router's answer (RFC 4861 section 4.2), without prefixes. The checksum is the network stack's to write and to check.</summary>
/// <param name="HopLimit">What hosts should use; 0 leaves it to them.</param>
/// <param name="Managed">Addresses by DHCPv6.</param>
/// <param name="OtherConfiguration">Other settings by DHCPv6.</param>
/// <param name="RouterLifetimeSeconds">0: no default router, so that nobody gets a route.</param>
public sealed record RouterAdvertisement(
    byte HopLimit = 0,
    bool Managed = false,
    bool OtherConfiguration = false,
    ushort RouterLifetimeSeconds = 0,
    uint ReachableMilliseconds = 0,
    uint RetransmitMilliseconds = 0,
    MacAddress? SourceMac = null
)
{
    public const byte Type = 134;
    private const int HeaderBytes = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out RouterAdvertisement advertisement)
    {
        advertisement = null!;
        if (source.Length < HeaderBytes || source[0] != Type || source[1] != 0)
            return false;
        if (!NeighborOptions.TryReadSourceMac(source[HeaderBytes..], out var mac))
            return false;
        advertisement = new(
            source[4],
            (source[5] & 0x80) != 0,
            (source[5] & 0x40) != 0,
            BinaryPrimitives.ReadUInt16BigEndian(source[6..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            mac
        );
        return true;
    }

    public void Write(IBufferWriter<byte> destination)
    {
        var header = destination.GetSpan(HeaderBytes)[..HeaderBytes];
        header.Clear();
        header[0] = Type;
        header[4] = HopLimit;
        header[5] = (byte)((Managed ? 0x80 : 0) | (OtherConfiguration ? 0x40 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], RouterLifetimeSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], ReachableMilliseconds);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], RetransmitMilliseconds);
        destination.Advance(HeaderBytes);
        if (SourceMac is { } mac)
            NeighborOptions.WriteSourceMac(mac, destination);
    }
}
