using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Testing;
using Hatchery.Wire;

namespace Hatchery.Boot.Tests;

/// <summary>The network inside of a test's namespace.</summary>
internal sealed class NamespaceNetwork(NetNamespace inside) : IHostNetwork
{
    public Socket Open(AddressFamily family, SocketType type, ProtocolType protocol) =>
        inside.Run(() => new Socket(family, type, protocol));

    public MacAddress? Neighbor(IPAddress address) => inside.Run(() => HostNetwork.Instance.Neighbor(address));

    public HostInterface? Find(string name) => inside.Run(() => HostNetwork.Instance.Find(name));
}
