using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>Two hosts with Debian's iSCSI target, which have one image between them, and a machine with a relay, on one network.</summary>
internal sealed class TargetLab : IAsyncDisposable
{
    private const int ImageBytes = 16 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<NetNamespace> _all = [];
    private NetNamespace _machine = null!;

    public static async Task<TargetLab> StartAsync()
    {
        var lab = new TargetLab();
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

    public NetNamespace Machine => _machine;

    public List<PlainServer> Servers { get; } = [];

    public Socket Open() => _machine.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));

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
            var portal = IPEndPoint.Parse(string.Create(CultureInfo.InvariantCulture, $"10.78.0.{number}:3260"));
            await host.IpAsync("addr", "add", $"{portal.Address}/24", "dev", "eth0");
            Servers.Add(new(host, portal, _folder["image"], _folder[port]));
            await Servers[^1].StartIscsiAsync();
        }
    }
}
