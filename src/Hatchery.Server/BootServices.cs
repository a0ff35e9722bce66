using System.Net;
using System.Net.Sockets;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Files;
using Hatchery.Boot.Http;
using Hatchery.Boot.Net;
using Hatchery.Boot.RouterAdvertisements;
using Hatchery.Boot.Tftp;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Everything that a machine needs until it has its disk.</summary>
internal sealed class BootServices(
    ServerSettings settings,
    Farm farm,
    ServerDirectory servers,
    Store store,
    FarmDatabase database,
    TimelineLog timeline,
    ServiceLimits limits,
    ILoggerFactory logs,
    TimeProvider time,
    DatabaseClock farmTime,
    Func<LayerId, string?> whyNotHere,
    OwnCaches ownCaches,
    FarmKey? key,
    Captures captures
)
{
    private static readonly TimeSpan s_httpPatience = TimeSpan.FromSeconds(15);

    /// <param name="begun">Takes each part that was started, to end it later.</param>
    public async Task<UnknownMachines> StartAsync(Action<IAsyncDisposable> begun, CancellationToken cancellation)
    {
        var boot = settings.Boot;
        var leases = new SqlLeaseStore(database.Source);
        await leases.CreateAsync(cancellation);
        var givesAddresses = boot.HasDhcp && boot.Interfaces.Count > 0 && boot.Dhcp.Mode == DhcpMode.Full;
        var unknown = new UnknownMachines(
            farm,
            givesAddresses ? leases : null,
            boot.Unknown,
            time,
            logs.CreateLogger<UnknownMachines>()
        );
        var directory = new FarmBootDirectory(
            farm.View,
            farm.Services.Nonces,
            settings.ServerName,
            servers,
            timeline.Add,
            farmTime,
            logs.CreateLogger<FarmBootDirectory>(),
            unknown,
            whyNotHere,
            farm.KeeperOf,
            boot.Capture
        );
        var reports = new BootTimeline(directory, leases, HostNetwork.Instance, logs.CreateLogger<BootTimeline>());

        begun(await StartHttpAsync(directory, reports, cancellation));
        if (boot.HasTftp && boot.Interfaces.Count > 0)
        {
            var tftp = new TftpServer(
                boot.Tftp,
                BootPrograms.In(boot.ProgramsFolder),
                reports,
                HostNetwork.Instance,
                time,
                logs.CreateLogger<TftpServer>()
            );
            begun(tftp);
            limits.Add(() => tftp.Use);
            await tftp.StartAsync(cancellation);
        }
        if (boot.HasRouterAdvertisements && boot.Interfaces.Count > 0)
        {
            var advertiser = new RouterAdvertiser(
                new() { Interfaces = boot.Interfaces },
                HostNetwork.Instance,
                logs.CreateLogger<RouterAdvertiser>()
            );
            begun(advertiser);
            await advertiser.StartAsync(cancellation);
        }
        if (boot.HasDhcp && boot.Interfaces.Count > 0)
        {
            var dhcp = new DhcpServer(
                boot.Dhcp,
                Responder(boot.Dhcp, leases, directory, reports, begun),
                HostNetwork.Instance,
                time,
                logs.CreateLogger<DhcpServer>()
            );
            begun(dhcp);
            await dhcp.StartAsync(cancellation);
        }
        return unknown;
    }

    private static IReadOnlyList<BootServer> Others(ServerDirectory servers) =>
        [
            .. servers
                .All.Where(s => s is { IsSelf: false, State: ServerState.Up })
                .Select(s => new BootServer(s.Status.IPAddress!, s.Status.HttpPort, s.Status.IscsiPort)),
        ];

    private IDhcpResponder Responder(
        DhcpSettings dhcp,
        SqlLeaseStore leases,
        FarmBootDirectory directory,
        BootTimeline reports,
        Action<IAsyncDisposable> begun
    )
    {
        if (dhcp.Mode == DhcpMode.Proxy)
            return new ProxyDhcpResponder(dhcp, directory, reports, logs.CreateLogger<ProxyDhcpResponder>());
        var probe = new PingProbe(
            dhcp.PingTimeout,
            HostNetwork.Instance,
            new Random(),
            time,
            logs.CreateLogger<PingProbe>()
        );
        begun(probe);
        return new DhcpResponder(dhcp, leases, probe, directory, farmTime, logs.CreateLogger<DhcpResponder>());
    }

    private async Task<WebApplication> StartHttpAsync(
        FarmBootDirectory directory,
        BootTimeline reports,
        CancellationToken cancellation
    )
    {
        var boot = settings.Boot;
        var cap = new HttpConnectionCap(
            boot.HttpConnectionsMax,
            boot.HttpPerAddressMax,
            logs.CreateLogger<HttpConnectionCap>()
        );
        limits.Add(() => cap.Use);
        var served = new HttpBootSettings
        {
            ProgramFolder = boot.ProgramsFolder,
            FileFolder = store.ImagesPath,
            IscsiPort = settings.Streaming.IscsiPort,
            Lun = 0,
            Capture = boot.Capture,
        };
        var files = new FileConnections(reports, served, time, logs.CreateLogger<FileConnections>());
        var certificate = boot.Https?.Certificate();
        // Empty: the usual one reads appsettings.json in the working directory and watches everything below that, which is / for a service.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs).AddRoutingCore();
        builder
            .WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = 0;
                kestrel.Limits.KeepAliveTimeout = s_httpPatience;
                kestrel.Limits.RequestHeadersTimeout = s_httpPatience;
                if (boot.Https is { } https)
                    kestrel.Listen(
                        settings.Address,
                        https.Port,
                        listener =>
                        {
                            cap.Bound(listener);
                            listener.UseHttps(certificate!);
                        }
                    );
                kestrel.Listen(
                    settings.Address,
                    boot.HttpPort,
                    listener =>
                    {
                        cap.Bound(listener);
                        files.Serve(listener);
                    }
                );
            });
        var http = builder.Build();
        cap.Watch(http);
        http.MapBoot(directory, served, logs, () => Others(servers));
        new PersonalityEndpoint(farm.View, farm.Services.Nonces, time, logs.CreateLogger<PersonalityEndpoint>()).Map(
            http
        );
        if (boot.Https is not null)
            new SecretsEndpoint(
                farm.View,
                farm.Services.Nonces,
                farm.Identity.Farm,
                key,
                settings.ServerName,
                command => farm.AskAsync(farm.Devices, command),
                reports.OwnerAsync,
                timeline.Add,
                farmTime,
                logs.CreateLogger<SecretsEndpoint>()
            ).Map(http);
        new CaptureEndpoint(farm.View, farm.Services.Nonces, captures, logs.CreateLogger<CaptureEndpoint>()).Map(http);
        new OwnCacheEndpoint(farm.View, farm.Services.Nonces, ownCaches, logs.CreateLogger<OwnCacheEndpoint>()).Map(
            http
        );
        try
        {
            await http.StartAsync(cancellation);
            return http;
        }
        catch (Exception failed)
        {
            await http.DisposeAsync();
            var reason = failed is IOException or SocketException ? failed.GetBaseException().Message : null;
            throw reason is null
                ? failed
                : new BootServiceException(
                    $"cannot serve HTTP at {new IPEndPoint(settings.Address, boot.HttpPort)}{(boot.Https is { } too ? $" and HTTPS at port {too.Port}" : "")}: {reason}",
                    failed
                );
        }
    }
}
