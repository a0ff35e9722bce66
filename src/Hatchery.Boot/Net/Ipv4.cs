using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hatchery.Boot.Net;

/// <summary>IPv4 addresses as numbers, to count and compare them.</summary>
internal static class Ipv4
{
    public static uint Number(this IPAddress address)
    {
        Span<byte> octets = stackalloc byte[4];
        return address.TryWriteBytes(octets, out var written) && written == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(octets)
            : throw new ArgumentException($"{address} is no IPv4 address", nameof(address));
    }

    public static IPAddress Address(uint number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return new IPAddress(octets);
    }

    public static uint MaskNumber(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    public static IPAddress Mask(IPNetwork network) => Address(MaskNumber(network.PrefixLength));

    public static IPAddress Broadcast(IPNetwork network) =>
        Address(network.BaseAddress.Number() | ~MaskNumber(network.PrefixLength));

    /// <summary>The IPv4 address behind a socket's address, which may be written as an IPv6 one; null for IPv6 itself.</summary>
    public static IPAddress? Unmapped(this IPAddress? address) =>
        address switch
        {
            { AddressFamily: AddressFamily.InterNetwork } => address,
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4(),
            _ => null,
        };

    /// <summary>Neither of this network or host alone, nor multicast, reserved or broadcast (RFC 1122 section 3.2.1.3).</summary>
    public static bool IsHost(this IPAddress address) => (address.Number() >> 24) is > 0 and < 224 and not 127;

    public static bool IsAny(this IPAddress address) => address.Equals(IPAddress.Any);
}
