using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>Two hosts with a plain server of one protocol, which have one image between them, and a machine with a relay, on one network.</summary>
internal sealed class TargetLab : IAsyncDisposable
{
    private const int ImageBytes = 16 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<NetNamespace> _all = [];
    private NetNamespace _machine = null!;
    private readonly bool _isNbd;

    private TargetLab(bool isNbd) => _isNbd = isNbd;

    /// <param name="protocol">iSCSI or NBD.</param>
    public static async Task<TargetLab> StartAsync(string protocol)
    {
        var lab = new TargetLab(isNbd: protocol == "NBD");
        try
        {
            await lab.BeginAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public List<PlainServer> Servers { get; } = [];

    /// <summary>The relay on the machine.</summary>
    public Task<Relay> StartRelayAsync()
    {
        var servers = Servers.Select(s => s.Portal);
        return _isNbd ? Relay.StartNbdAsync(_machine, _folder, servers) : Relay.StartAsync(_machine, servers);
    }

    /// <summary>The machine's work, by the relay.</summary>
    public Machine PowerOn(Relay relay) =>
        _isNbd
            ? new(cancellation => NbdKernel.ConnectAsync(relay.Portal, cancellation), connectionsMax: 1)
            : new(cancellation => Initiator.ConnectAsync(Open, relay.Portal, cancellation), int.MaxValue);

    public Task StartAsync(PlainServer server) => _isNbd ? server.StartNbdAsync() : server.StartIscsiAsync();

    private Socket Open() => _machine.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
            await server.DisposeAsync();
        foreach (var one in _all)
            await one.DisposeAsync();
        _folder.Dispose();
    }

    private async Task BeginAsync()
    {
        await StaleNamespaces.SweepAsync();
        await using (var image = File.Create(_folder["image"]))
            image.SetLength(ImageBytes);
        _all.Add(_machine = await NetNamespace.CreateAsync());
        await _machine.AddBridgeAsync("br0");
        await _machine.IpAsync("addr", "add", "10.78.0.100/24", "dev", "br0");
        for (var number = 1; number <= 2; number++)
        {
            var host = await NetNamespace.CreateAsync();
            _all.Add(host);
            var port = string.Create(CultureInfo.InvariantCulture, $"port{number}");
            await _machine.ConnectAsync(port, host, "eth0");
            await _machine.IpAsync("link", "set", port, "master", "br0");
            var portal = IPEndPoint.Parse(
                string.Create(CultureInfo.InvariantCulture, $"10.78.0.{number}:{(_isNbd ? 10809 : 3260)}")
            );
            await host.IpAsync("addr", "add", $"{portal.Address}/24", "dev", "eth0");
            Servers.Add(new(host, portal, _folder["image"], _folder[port]));
            await StartAsync(Servers[^1]);
        }
    }
}
