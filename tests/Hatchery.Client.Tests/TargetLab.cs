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
    private readonly WatchedProcess?[] _targets = new WatchedProcess?[2];
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

    public static IPEndPoint Portal(int server) => new(IPAddress.Parse($"10.78.0.{server + 1}"), 3260);

    public Socket Open() => _machine.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Starts the target, and waits until it has the disk.</summary>
    public async Task StartTargetAsync(int server)
    {
        var socket = new Dictionary<string, string>(StringComparer.Ordinal) { ["TGT_IPC_SOCKET"] = Ipc(server) };
        string[] command = ["tgtd", "-f", "--iscsi", $"portal={Portal(server)}"];
        _targets[server] = WatchedProcess.Start($"target {server}", Host(server), command, socket);
        await Eventually.TrueAsync(
            async () =>
                await AdministerAsync(server, "--mode", "target", "--op", "new", "--tid", "1", "-T", Initiator.Target),
            Relay.Limit
        );
        string[] disk = ["--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", _folder["image"]];
        Assert.True(await AdministerAsync(server, disk));
        Assert.True(await AdministerAsync(server, "--mode", "target", "--op", "bind", "--tid", "1", "-I", "ALL"));
    }

    public Task KillAsync(int server) => _targets[server]!.KillAsync();

    /// <summary>SIGSTOP, as a host that stands still; SIGCONT.</summary>
    public Task FreezeAsync(int server) => SignalAsync(server, "-STOP");

    public Task ThawAsync(int server) => SignalAsync(server, "-CONT");

    /// <summary>Nothing reaches the host any more, and nobody is told.</summary>
    public async Task CutOffAsync(int server)
    {
        await NftAsync(server, "add table inet cut");
        await NftAsync(server, "add chain inet cut in { type filter hook input priority 0; policy drop; }");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _targets)
            if (target is not null)
                await target.DisposeAsync();
        foreach (var one in _all)
            await one.DisposeAsync();
        _folder.Dispose();
    }

    private NetNamespace Host(int server) => _all[server];

    private string Ipc(int server) => _folder[string.Create(CultureInfo.InvariantCulture, $"control{server}")];

    private async Task BeginAsync()
    {
        await StaleNamespaces.SweepAsync();
        await using (var image = File.Create(_folder["image"]))
            image.SetLength(ImageBytes);
        for (var i = 0; i < 3; i++)
            _all.Add(await NetNamespace.CreateAsync());
        _machine = _all[2];
        await _machine.AddBridgeAsync("br0");
        await _machine.IpAsync("addr", "add", "10.78.0.100/24", "dev", "br0");
        for (var server = 0; server < 2; server++)
        {
            var port = string.Create(CultureInfo.InvariantCulture, $"port{server}");
            await _machine.ConnectAsync(port, Host(server), "eth0");
            await _machine.IpAsync("link", "set", port, "master", "br0");
            await Host(server).IpAsync("addr", "add", $"{Portal(server).Address}/24", "dev", "eth0");
        }
        await StartTargetAsync(0);
        await StartTargetAsync(1);
    }

    private async Task<bool> AdministerAsync(int server, params string[] words)
    {
        string[] command = [$"TGT_IPC_SOCKET={Ipc(server)}", "tgtadm", "--lld", "iscsi", .. words];
        return (await Tool.RunAsync("env", command)).ExitCode == 0;
    }

    private async Task SignalAsync(int server, string signal)
    {
        var id = _targets[server]!.Id.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(0, (await Tool.RunAsync("kill", [signal, id])).ExitCode);
    }

    private async Task NftAsync(int server, string command)
    {
        var run = await Host(server).ExecAsync("nft", command);
        Assert.True(run.ExitCode == 0, run.Errors);
    }
}
