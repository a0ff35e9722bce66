using System.Net.NetworkInformation;
using System.Net.Sockets;

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

    [System.Runtime.InteropServices.DllImport("libc", CharSet = System.Runtime.InteropServices.CharSet.Ansi)]
    private static extern int if_nametoindex(string name);
}
