using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>
/// A network of machines behind a router that is their DHCP relay too: 10.80.0.0/20. Each machine has sockets at its own address, as
/// soon as it was granted one; nobody answers pings there, so no address looks taken.
/// </summary>
internal sealed class CrowdNetwork
{
    public const string Network = "10.80.0.0/20";

    /// <summary>The router, as machines see it; giaddr of what it relays.</summary>
    public static readonly IPAddress Router = IPAddress.Parse("10.80.0.1");

    private const string RouterAtServers = "10.77.0.99";

    private readonly NetNamespace _inside;

    private CrowdNetwork(NetNamespace inside) => _inside = inside;

    /// <summary>What servers have to be told in their configuration.</summary>
    public static string Configuration { get; } =
        $$"""
            hatchery.boot {
              interfaces = [eth0]
              dhcp.subnets = [
                { network = "10.77.0.0/24" },
                { network = "{{Network}}", first = "10.80.1.0", last = "10.80.14.255", routers = ["{{Router}}"] }
              ]
            }
            """;

    public static async Task<CrowdNetwork> JoinAsync(FarmLab farm)
    {
        var inside = await farm.Network.PlugInAsync();
        await inside.IpAsync("addr", "add", $"{RouterAtServers}/24", "dev", "eth0");
        // On the loopback all of the network is local.
        await inside.IpAsync("addr", "add", $"{Router}/20", "dev", "lo");
        var quiet = await inside.ExecAsync("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1");
        if (quiet.ExitCode != 0)
            throw new InvalidOperationException(quiet.Errors);
        foreach (var server in farm.Insides.Values)
            await server.IpAsync("route", "add", Network, "via", RouterAtServers);
        return new(inside);
    }

    /// <summary>A socket of the machine that has this address.</summary>
    public Socket Open(IPAddress machine, SocketType type, ProtocolType protocol, int port = 0)
    {
        var socket = _inside.Run(() => new Socket(AddressFamily.InterNetwork, type, protocol));
        try
        {
            socket.Bind(new IPEndPoint(machine, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A connection of the machine that has this address.</summary>
    public async Task<NetworkStream> ConnectAsync(IPAddress machine, IPEndPoint server, CancellationToken cancellation)
    {
        var socket = Open(machine, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(server, cancellation);
            return new(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
