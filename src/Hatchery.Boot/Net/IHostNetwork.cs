using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hatchery.Wire;

namespace Hatchery.Boot.Net;

/// <summary>The network that boot services bind in: interfaces and sockets of one network namespace.</summary>
public interface IHostNetwork
{
    /// <summary>An unbound socket.</summary>
    /// <exception cref="SocketException">The process may not open it.</exception>
    Socket Open(AddressFamily family, SocketType type, ProtocolType protocol);

    /// <summary>An interface as it is now; null where there is none of this name.</summary>
    HostInterface? Find(string name);

    /// <summary>Who has this IPv4 address on a link of ours, by the kernel's neighbour table; null where it does not say.</summary>
    MacAddress? Neighbor(IPAddress address);
}

/// <param name="Addresses">Its IPv4 addresses, in the kernel's order.</param>
/// <param name="HasIpv6">It has an IPv6 address now.</param>
public sealed record HostInterface(
    string Name,
    int Index,
    PhysicalAddress Mac,
    IReadOnlyList<IPAddress> Addresses,
    bool HasIpv6
);
