using System.Globalization;
using System.Net;
using Akka.Actor;
using Hatchery.Boot.Http;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>Answers the boot services from the farm view, with a fresh nonce in every plan; nothing is asked of an entity or the database.</summary>
/// <param name="whyNotHere">Why an image cannot be used at this server; null when it lies there whole.</param>
/// <param name="keeperOf">Where a device's keeper is; null: not known.</param>
/// <param name="capture">What machines boot whose disk is to be captured; null: this server has nothing for them.</param>
/// <param name="timeline">Takes the steps of known devices; never blocks.</param>
public sealed class FarmBootDirectory(
    IFarmView view,
    BootNonce nonces,
    string server,
    ServerDirectory servers,
    Action<TimelineStep> timeline,
    TimeProvider time,
    ILogger<FarmBootDirectory> log,
    UnknownMachines unknown,
    Func<LayerId, string?>? whyNotHere = null,
    Func<DeviceId, Address?>? keeperOf = null,
    CaptureBootSettings? capture = null
) : IBootDirectory
{
    /// <summary>More than a farm has, and few enough for a kernel's command line.</summary>
    private const int ServersTold = 16;

    /// <summary>What deploy/initramfs takes for the servers' HTTP port unless it is told.</summary>
    private const int HttpPortUsual = 8069;

    private const int HttpsPortUsual = 8443;

    /// <summary>Option 93 of a PC's BIOS (RFC 4578).</summary>
    private const ushort BiosArchitecture = 0;

    public ValueTask<string?> AdmitAsync(BootClient client, CancellationToken cancellation) =>
        unknown.AdmitAsync(client, cancellation);

    public BootPlan Plan(BootClient client)
    {
        var farm = view.Current;
        if (farm.Device(client.Mac) is not { } device)
            return new BootPlan.Nothing($"this farm does not know {client.Mac}: pbm device add NAME {client.Mac}");
        if (device.Capture is { } order)
            return PlanCapture(device, order);
        if (farm.NextBootOf(device, time.GetUtcNow()) is not { } next)
            return new BootPlan.Nothing($"{device.Name} has no vDisk: pbm device assign {device.Name} VDISK");
        var (assignment, vDisk, version, kept) = next;
        if (client.Architecture == BiosArchitecture && farm.NeedsUefi(assignment))
            return new BootPlan.Nothing(
                $"{vDisk.Name} has sectors of {vDisk.SectorBytes} bytes, which BIOS does not boot: start {device.Name} by UEFI, or assign it with -t iscsi or -t nbd"
            );
        var offered = servers.Offer(
            version.Image,
            farm.SiteOf(device),
            // A write cache that was kept lies where it was streamed last.
            device.Placement
                ?? (kept is { WhyClean: null } ? device.Boot?.Server : null),
            servers.NameAt(keeperOf?.Invoke(device.Id))
        );
        if (offered.Count == 0)
            return new BootPlan.Nothing(
                whyNotHere?.Invoke(version.Image) is { } why
                    ? $"{server} does not hold {vDisk.Name}: {why}"
                    : $"no server that takes boots has {vDisk.Name}, version {version.Number}: pbm server list"
            );
        IReadOnlyList<BootServer> list =
        [
            .. offered.Select(s => new BootServer(s.Status.IPAddress!, s.Status.HttpPort, s.Status.IscsiPort)),
        ];
        var boot = nonces.Issue(device.Id, device.Boot?.Id, time.GetUtcNow(), next.Mark);
        if (assignment.Transport == BootTransport.San)
            return new BootPlan.San(device.Id, device.Name, TargetName.Iqn(device.Id, boot), list);
        if (!version.HasKernel)
            return new BootPlan.Nothing($"{vDisk.Name} has no kernel: assign it with --transport san");
        // What a machine wrote has no kernel of its own, but that of the image below.
        var image = vDisk.RootOf(version).Image;
        return new BootPlan.Kernel(
            device.Id,
            device.Name,
            $"/vdisk/{image}/kernel",
            $"/vdisk/{image}/initrd",
            string.Join(
                ' ',
                (
                    (string?[])
                        [
                            Root(assignment.Transport, device.Id, boot, offered),
                            Others(assignment.Transport, offered),
                            Http(offered),
                            Https(offered),
                            next.Writes is null ? Cache(assignment) : null,
                            "ip=dhcp",
                            version.KernelArguments,
                            farm.KernelArgumentsOf(device),
                        ]
                ).Where(words => !string.IsNullOrEmpty(words))
            ),
            list
        );
    }

    /// <summary>One server takes the disk, and gives out what takes it there.</summary>
    private BootPlan PlanCapture(DeviceState device, CaptureOrder order)
    {
        if (servers.Find(order.Server) is not { State: ServerState.Up, Status: var to })
            return new BootPlan.Nothing(
                $"{device.Name} is to be captured at server {order.Server}, which is not there: start it, or pbm vdisk capture {order.Name} --device {device.Name} --cancel"
            );
        var boot = nonces.Issue(device.Id, device.Boot?.Id, time.GetUtcNow());
        return new BootPlan.Kernel(
            device.Id,
            device.Name,
            "/capture/kernel",
            "/capture/initrd",
            string.Join(
                ' ',
                (
                    (string?[])
                        [
                            $"hatchery.capture={new IPEndPoint(to.IPAddress!, to.HttpPort)}/{TargetName.Export(device.Id, boot)}",
                            order.Disk is { } disk ? $"hatchery.capture-disk={disk}" : null,
                            order.Restarts ? "hatchery.capture-then=restart" : null,
                            "ip=dhcp",
                            capture?.Arguments,
                        ]
                ).Where(words => !string.IsNullOrEmpty(words))
            ),
            [new BootServer(to.IPAddress!, to.HttpPort, to.IscsiPort)]
        );
    }

    public DhcpOptions OptionsOf(MacAddress mac)
    {
        var farm = view.Current;
        return farm.Device(mac) is { } device ? farm.OptionsOf(device) : DhcpOptions.None;
    }

    public void Report(BootProgress progress)
    {
        if (view.Current.Device(progress.Mac) is not { } device)
        {
            Log.UnknownMachine(log, progress.Mac, progress.Step, progress.Detail);
            return;
        }
        var step = progress.Step switch
        {
            BootStep.Discovered => BootSteps.Discovered,
            BootStep.NotOffered => BootSteps.NotOffered,
            BootStep.Offered => BootSteps.Offered,
            BootStep.Requested => BootSteps.Requested,
            BootStep.BootstrapSent => BootSteps.BootstrapSent,
            BootStep.KernelSent => BootSteps.KernelSent,
            BootStep.InitrdSent => BootSteps.InitrdSent,
            BootStep.TransferFailed => BootSteps.TransferFailed,
            BootStep.NothingToBoot => BootSteps.NothingToBoot,
            _ => BootSteps.ScriptSent,
        };
        timeline(new(device.Id, time.GetUtcNow(), step, server, progress.Detail));
    }

    /// <summary>What deploy/initramfs/init reads from the kernel's command line: the servers that take the boot, the best first.</summary>
    private static string Root(
        BootTransport transport,
        DeviceId device,
        BootId boot,
        IReadOnlyList<KnownServer> servers
    ) =>
        transport == BootTransport.Nbd
            ? $"hatchery.root=nbd:{PortalsOf(transport, servers)}/{TargetName.Export(device, boot)}"
            : $"hatchery.root=iscsi:{PortalsOf(transport, servers)}/{TargetName.Iqn(device, boot)}";

    /// <summary>Servers that do not take the boot now, and may have to go on with it later; null when there are none.</summary>
    private string? Others(BootTransport transport, IReadOnlyList<KnownServer> offered)
    {
        var names = offered.Select(s => s.Status.Name).ToHashSet(StringComparer.Ordinal);
        var others = servers
            .All.Where(s => !names.Contains(s.Status.Name))
            .Take(Math.Max(0, ServersTold - offered.Count))
            .ToArray();
        return others.Length == 0 ? null : $"hatchery.others={PortalsOf(transport, others)}";
    }

    /// <summary>Where deploy/initramfs asks for personality data, and tells of its write cache, where that is not the usual port.</summary>
    private static string? Http(IReadOnlyList<KnownServer> offered) =>
        offered[0].Status.HttpPort is var port and not (0 or HttpPortUsual) ? $"hatchery.http={port}" : null;

    /// <summary>Where it asks for secrets.</summary>
    private static string? Https(IReadOnlyList<KnownServer> offered) =>
        offered[0].Status.HttpsPort is var port and not (0 or HttpsPortUsual) ? $"hatchery.https={port}" : null;

    /// <summary>Where the machine is to have its write cache itself: a place, and a limit of memory in bytes; null: it has none.</summary>
    private static string? Cache(Assignment assignment) =>
        assignment.Cache == CachePlace.Server
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"hatchery.cache={assignment.Cache.Name()}{(assignment.CacheRamBytes is { } ram ? $",{ram}" : "")}"
            );

    private static string PortalsOf(BootTransport transport, IEnumerable<KnownServer> servers) =>
        string.Join(
            ',',
            servers
                .Take(ServersTold)
                .Select(s => s.Status)
                .Select(s => new IPEndPoint(s.IPAddress!, transport == BootTransport.Nbd ? s.NbdPort : s.IscsiPort))
        );
}
