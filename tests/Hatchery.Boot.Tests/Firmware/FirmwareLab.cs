using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Files;
using Hatchery.Boot.Http;
using Hatchery.Boot.RouterAdvertisements;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Boot.Tftp;
using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Firmware;

/// <summary>All boot services of one server on a bridge of their own, for virtual machines with real firmware.</summary>
internal sealed class FirmwareLab : IAsyncDisposable
{
    private const string Bridge = "br0";
    private const string Tap = "tap0";
    private static readonly ILoggerFactory s_silent = NullLoggerFactory.Instance;

    private readonly NetNamespace _inside;
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _services = [];
    private readonly List<NetNamespace> _neighbors = [];
    private Func<WebApplication> _newWeb = null!;
    private WebApplication? _web;

    private FirmwareLab(NetNamespace inside, RecordingDirectory directory) =>
        (_inside, Directory) = (inside, directory);

    public RecordingDirectory Directory { get; }

    /// <summary>Every DHCP message that came in, with the answer's type.</summary>
    public ConcurrentQueue<DhcpHeard> Heard { get; } = new();

    /// <summary>What machines load from the server.</summary>
    public string ProgramFolder { get; private init; } = BootPrograms.DebianFolder;

    /// <summary>Changes what a machine says of itself, for firmware that cannot be had.</summary>
    public Func<DhcpMessage, DhcpMessage> Disguise { get; set; } = message => message;

    /// <param name="programs">A folder of boot programs other than Debian's.</param>
    /// <param name="mode">Proxy: dnsmasq gives the addresses, from 10.7.0.50 to 10.7.0.60.</param>
    public static async Task<FirmwareLab> StartAsync(
        BootPlan plan,
        bool advertisesRouters = true,
        DhcpMode mode = DhcpMode.Full,
        string programs = BootPrograms.DebianFolder
    )
    {
        var lab = new FirmwareLab(await NetNamespace.CreateAsync(), new RecordingDirectory(plan))
        {
            ProgramFolder = programs,
        };
        try
        {
            await lab._inside.AddBridgeAsync(Bridge);
            await lab._inside.IpAsync("addr", "add", "10.7.0.1/24", "dev", Bridge);
            await lab._inside.AddTapAsync(Tap, Bridge);
            if (mode == DhcpMode.Proxy)
                await lab.StartForeignDhcpAsync();
            await lab.StartServicesAsync(advertisesRouters, mode);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A machine without a disk that is being switched on.</summary>
    public WatchedProcess PowerOn(params string[] machine) => PowerOnWith("qemu-system-x86_64", machine);

    /// <summary>The same on another processor.</summary>
    public WatchedProcess PowerOnWith(string emulator, params string[] machine) =>
        WatchedProcess.Start(
            "machine",
            _inside,
            [
                emulator,
                .. "-nodefaults -display none -no-reboot -serial stdio -accel tcg -m 256".Split(' '),
                "-netdev",
                $"tap,id=n0,ifname={Tap},script=no,downscript=no",
                .. machine,
            ]
        );

    /// <summary>A copy of OVMF's variables, which the machine writes.</summary>
    public string FirmwareVariables()
    {
        File.Copy("/usr/share/OVMF/OVMF_VARS_4M.fd", _folder["vars.fd"]);
        return _folder["vars.fd"];
    }

    /// <summary>Scripts and boot programs by HTTP are to be had again.</summary>
    public async Task StartWebAsync()
    {
        _web = _newWeb();
        await _web.StartAsync();
    }

    /// <summary>From now on connections by HTTP are refused.</summary>
    public async Task StopWebAsync()
    {
        if (_web is not null)
            await _web.DisposeAsync();
        _web = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWebAsync();
        foreach (var service in _services)
            await service.DisposeAsync();
        foreach (var neighbor in _neighbors)
            await neighbor.DisposeAsync();
        await _inside.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    /// <summary>Another machine on the bridge, which has no address yet; its interface is eth0.</summary>
    public async Task<NetNamespace> AddNeighborAsync()
    {
        var neighbor = await NetNamespace.CreateAsync();
        _neighbors.Add(neighbor);
        var port = string.Create(CultureInfo.InvariantCulture, $"port{_neighbors.Count}");
        await _inside.ConnectAsync(port, neighbor, "eth0");
        await _inside.IpAsync("link", "set", port, "master", Bridge);
        return neighbor;
    }

    private async Task StartForeignDhcpAsync()
    {
        var neighbor = await AddNeighborAsync();
        await neighbor.IpAsync("addr", "add", "10.7.0.9/24", "dev", "eth0");
        var dnsmasq = WatchedProcess.Start(
            "dnsmasq",
            neighbor,
            [
                "dnsmasq",
                .. "--no-daemon --conf-file=/dev/null --port=0 --user=root --pid-file= --interface=eth0".Split(' '),
                "--dhcp-range=10.7.0.50,10.7.0.60,255.255.255.0,1h",
                $"--dhcp-leasefile={_folder["dnsmasq.leases"]}",
            ]
        );
        _services.Add(dnsmasq);
        await dnsmasq.Output.WaitForAsync("DHCP, IP range", TimeSpan.FromSeconds(20));
    }

    private async Task StartServicesAsync(bool advertisesRouters, DhcpMode mode)
    {
        var network = new NamespaceNetwork(_inside);
        var settings = FarmUnderTest.Usual with { Interfaces = [Bridge], Mode = mode };
        var leases = new SqlLeaseStore(SqliteFactory.Instance.CreateDataSource($"Data Source={_folder["farm.db"]}"));
        await leases.CreateAsync(default);
        var timeline = new BootTimeline(Directory, leases, network, s_silent.CreateLogger<BootTimeline>());
        var probe = new PingProbe(
            settings.PingTimeout,
            network,
            new Random(1),
            TimeProvider.System,
            s_silent.CreateLogger<PingProbe>()
        );
        _services.Add(probe);
        IDhcpResponder responder =
            mode == DhcpMode.Proxy
                ? new ProxyDhcpResponder(settings, Directory, timeline, s_silent.CreateLogger<ProxyDhcpResponder>())
                : new DhcpResponder(
                    settings,
                    leases,
                    probe,
                    Directory,
                    TimeProvider.System,
                    s_silent.CreateLogger<DhcpResponder>()
                );

        var dhcp = new DhcpServer(
            settings,
            new Listening(this, responder),
            network,
            TimeProvider.System,
            s_silent.CreateLogger<DhcpServer>()
        );
        _services.Add(dhcp);
        await dhcp.StartAsync(default);

        var tftp = new TftpServer(
            new TftpSettings { Interfaces = [Bridge] },
            BootPrograms.In(ProgramFolder),
            timeline,
            network,
            TimeProvider.System,
            s_silent.CreateLogger<TftpServer>()
        );
        _services.Add(tftp);
        await tftp.StartAsync(default);

        var advertiser = new RouterAdvertiser(
            new RouterAdvertiserSettings { Interfaces = advertisesRouters ? [Bridge] : [] },
            network,
            s_silent.CreateLogger<RouterAdvertiser>()
        );
        _services.Add(advertiser);
        await advertiser.StartAsync(default);

        _newWeb = () =>
        {
            var served = new HttpBootSettings { ProgramFolder = ProgramFolder };
            var files = new FileConnections(
                timeline,
                served,
                TimeProvider.System,
                s_silent.CreateLogger<FileConnections>()
            );
            var web = NewWeb(settings.HttpPort, files);
            web.MapBoot(Directory, served, s_silent);
            return web;
        };
        await StartWebAsync();
    }

    private WebApplication NewWeb(int port, FileConnections files)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse("10.7.0.1"), port, files.Serve));
        builder.WebHost.UseSockets(sockets =>
            sockets.CreateBoundListenSocket = endpoint =>
            {
                var socket = _inside.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));
                socket.Bind(endpoint);
                return socket;
            }
        );
        return builder.Build();
    }

    private sealed class Listening(FirmwareLab lab, IDhcpResponder responder) : IDhcpResponder
    {
        public string? Refuses(DhcpArrival arrival) => responder.Refuses(arrival);

        public async Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation)
        {
            var answer = await responder.AnswerAsync(
                arrival with
                {
                    Message = lab.Disguise(arrival.Message),
                },
                cancellation
            );
            lab.Heard.Enqueue(new(arrival.IsOnProxyPort, arrival.Message.Type, answer?.Type, answer?.BootFile ?? ""));
            return answer;
        }
    }
}

/// <param name="Answer">Null for silence.</param>
internal sealed record DhcpHeard(bool IsOnProxyPort, DhcpMessageType? Type, DhcpMessageType? Answer, string BootFile);
