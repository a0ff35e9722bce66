using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices.Tests;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Dhcp;

/// <summary>A network with a DHCP server of ours on one side, 10.7.0.1, and nobody yet on the other; both sides' interface is eth0.</summary>
internal sealed class DhcpLab : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly TestDatabase _database = new();

    private DhcpLab(NetNamespace servers, NetNamespace clients)
    {
        Servers = servers;
        Clients = clients;
        Leases = new(_database.Open().Source);
    }

    public NetNamespace Servers { get; }

    public NetNamespace Clients { get; }

    public TempFolder Folder { get; } = new();

    public SqlLeaseStore Leases { get; }

    /// <summary>What the servers said of their decisions.</summary>
    public LogLines Log { get; } = new();

    public static async Task<DhcpLab> CreateAsync(string address = "10.7.0.1/24")
    {
        var servers = await NetNamespace.CreateAsync();
        var clients = await NetNamespace.CreateAsync();
        await servers.ConnectAsync("eth0", clients, "eth0");
        await servers.IpAsync("addr", "add", address, "dev", "eth0");
        var lab = new DhcpLab(servers, clients);
        await lab.Leases.CreateAsync(default);
        return lab;
    }

    /// <summary>Serves until it is disposed, at the latest with the lab.</summary>
    /// <param name="taken">Addresses that count as in use whatever a ping says.</param>
    public async Task<DhcpServer> StartAsync(DhcpSettings settings, params IPAddress[] taken)
    {
        var network = new NamespaceNetwork(Servers);
        var probe = new PingProbe(
            settings.PingTimeout,
            network,
            new Random(1),
            TimeProvider.System,
            NullLogger<PingProbe>.Instance
        );
        _parts.Add(probe);
        var directory = new RecordingDirectory();
        IDhcpResponder responder =
            settings.Mode == DhcpMode.Proxy
                ? new ProxyDhcpResponder(settings, directory, directory.Timeline(), Log.As<ProxyDhcpResponder>())
                : new DhcpResponder(
                    settings,
                    Leases,
                    new Taken(probe, taken),
                    directory,
                    TimeProvider.System,
                    Log.As<DhcpResponder>()
                );
        var server = new DhcpServer(settings, responder, network, TimeProvider.System, Log.As<DhcpServer>());
        await server.StartAsync(default);
        _parts.Add(server);
        return server;
    }

    public async Task<Lease?> LeaseOfAsync(string address) =>
        await Leases.OfAddressAsync(IPAddress.Parse(address), default);

    /// <summary>Ends with the lab at the latest.</summary>
    public WatchedProcess Run(NetNamespace where, params string[] command)
    {
        var process = WatchedProcess.Start(command[0], where, command);
        _parts.Add(process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
        await Clients.DisposeAsync();
        await Servers.DisposeAsync();
        _database.Dispose();
        Folder.Dispose();
    }

    private sealed class Taken(PingProbe others, IPAddress[] taken) : IAddressProbe
    {
        public async Task<bool> IsInUseAsync(IPAddress address, CancellationToken cancellation) =>
            await others.IsInUseAsync(address, cancellation) || taken.Contains(address);
    }
}
