using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hatchery.Wire;

namespace Hatchery.Boot.Net;

/// <summary>The network of the calling thread, which is the process's own unless somebody moved the thread.</summary>
public sealed class HostNetwork : IHostNetwork
{
    public static readonly HostNetwork Instance = new();

    public Socket Open(AddressFamily family, SocketType type, ProtocolType protocol) => new(family, type, protocol);

    public HostInterface? Find(string name)
    {
        var found = Array.Find(NetworkInterface.GetAllNetworkInterfaces(), i => i.Name == name);
        if (found is null)
            return null;
        var addresses = found.GetIPProperties().UnicastAddresses.Select(a => a.Address).ToArray();
        return new(
            name,
            if_nametoindex(name),
            found.GetPhysicalAddress(),
            [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork)],
            Array.Exists(addresses, a => a.AddressFamily == AddressFamily.InterNetworkV6)
        );
    }

    public MacAddress? Neighbor(IPAddress address)
    {
        try
        {
            return NeighborIn(File.ReadLines("/proc/thread-self/net/arp"), address);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>proc(5): address, hardware type, flags, hardware address, mask, device; without flags an entry is not complete.</summary>
    internal static MacAddress? NeighborIn(IEnumerable<string> table, IPAddress address)
    {
        foreach (var line in table)
        {
            if (
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var at, _, var flags, var mac, ..]
                && flags != "0x0"
                && IPAddress.TryParse(at, out var known)
                && known.Equals(address)
                && MacAddress.TryParse(mac, null, out var found)
            )
                return found;
        }
        return null;
    }

    [System.Runtime.InteropServices.DllImport("libc", CharSet = System.Runtime.InteropServices.CharSet.Ansi)]
    private static extern int if_nametoindex(string name);
}
