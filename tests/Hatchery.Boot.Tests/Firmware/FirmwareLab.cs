using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Files;
using Hatchery.Boot.Http;
using Hatchery.Boot.RouterAdvertisements;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Boot.Tftp;
using Hatchery.Testing;
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

    private FirmwareLab(NetNamespace inside, RecordingDirectory directory) =>
        (_inside, Directory) = (inside, directory);

    public RecordingDirectory Directory { get; }

    public static async Task<FirmwareLab> StartAsync(BootPlan plan, bool advertisesRouters = true)
    {
        var lab = new FirmwareLab(await NetNamespace.CreateAsync(), new RecordingDirectory(plan));
        try
        {
            await lab._inside.AddBridgeAsync(Bridge);
            await lab._inside.IpAsync("addr", "add", "10.7.0.1/24", "dev", Bridge);
            await lab._inside.AddTapAsync(Tap, Bridge);
            await lab.StartServicesAsync(advertisesRouters);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A machine without a disk that is being switched on.</summary>
    public WatchedProcess PowerOn(params string[] machine) =>
        WatchedProcess.Start(
            "machine",
            _inside,
            [
                "qemu-system-x86_64",
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

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
            await service.DisposeAsync();
        await _inside.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task StartServicesAsync(bool advertisesRouters)
    {
        var network = new NamespaceNetwork(_inside);
        var settings = FarmUnderTest.Usual with { Interfaces = [Bridge] };
        var leases = new SqlLeaseStore(SqliteFactory.Instance.CreateDataSource($"Data Source={_folder["farm.db"]}"));
        await leases.CreateAsync(default);
        var timeline = new BootTimeline(Directory, leases, s_silent.CreateLogger<BootTimeline>());
        var probe = new PingProbe(
            settings.PingTimeout,
            network,
            new Random(1),
            TimeProvider.System,
            s_silent.CreateLogger<PingProbe>()
        );
        _services.Add(probe);
        var responder = new DhcpResponder(
            settings,
            leases,
            probe,
            Directory,
            TimeProvider.System,
            s_silent.CreateLogger<DhcpResponder>()
        );

        var dhcp = new DhcpServer(settings, responder, network, s_silent.CreateLogger<DhcpServer>());
        _services.Add(dhcp);
        await dhcp.StartAsync(default);

        var tftp = new TftpServer(
            new TftpSettings { Interfaces = [Bridge] },
            BootPrograms.In(),
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

        var web = NewWeb(settings.HttpPort);
        _services.Add(web);
        web.MapBoot(Directory, timeline, new HttpBootSettings(), s_silent);
        await web.StartAsync();
    }

    private WebApplication NewWeb(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse("10.7.0.1"), port));
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
}
