using System.Net;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>Answers the boot services from the farm view, with a fresh nonce in every plan; nothing is asked of an entity or the database.</summary>
/// <param name="whyNotHere">Why an image cannot be used at this server; null when it lies there whole.</param>
/// <param name="timeline">Takes the steps of known devices; never blocks.</param>
public sealed class FarmBootDirectory(
    IFarmView view,
    BootNonce nonces,
    BootPortals portals,
    Action<TimelineStep> timeline,
    TimeProvider time,
    ILogger<FarmBootDirectory> log,
    UnknownMachines unknown,
    Func<LayerId, string?>? whyNotHere = null
) : IBootDirectory
{
    public ValueTask<string?> AdmitAsync(BootClient client, CancellationToken cancellation) =>
        unknown.AdmitAsync(client, cancellation);

    public BootPlan Plan(BootClient client)
    {
        var farm = view.Current;
        if (farm.Device(client.Mac) is not { } device)
            return new BootPlan.Nothing($"this farm does not know {client.Mac}: pbm device add NAME {client.Mac}");
        if (
            farm.AssignmentOf(device) is not { } assignment
            || farm.VDisk(assignment.VDisk) is not { Production: { } version } vDisk
        )
            return new BootPlan.Nothing($"{device.Name} has no vDisk: pbm device assign {device.Name} VDISK");
        if (whyNotHere?.Invoke(version.Image) is { } why)
            return new BootPlan.Nothing($"{portals.Server} does not hold {vDisk.Name}: {why}");
        var boot = nonces.Issue(device.Id, device.Boot?.Id, time.GetUtcNow());
        if (assignment.Transport == BootTransport.San)
            return new BootPlan.San(device.Id, device.Name, TargetName.Iqn(device.Id, boot));
        if (!version.HasKernel)
            return new BootPlan.Nothing($"{vDisk.Name} has no kernel: assign it with --transport san");
        return new BootPlan.Kernel(
            device.Id,
            device.Name,
            $"/vdisk/{version.Image}/kernel",
            $"/vdisk/{version.Image}/initrd",
            string.Join(
                ' ',
                (
                    (string?[])
                        [
                            Root(assignment.Transport, device.Id, boot),
                            "ip=dhcp",
                            version.KernelArguments,
                            farm.KernelArgumentsOf(device),
                        ]
                ).Where(words => !string.IsNullOrEmpty(words))
            )
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
        timeline(new(device.Id, time.GetUtcNow(), step, portals.Server, progress.Detail));
    }

    /// <summary>What deploy/client/init reads from the kernel's command line.</summary>
    private string Root(BootTransport transport, DeviceId device, BootId boot) =>
        transport == BootTransport.Nbd
            ? $"hatchery.root=nbd:{portals.Nbd}/{TargetName.Export(device, boot)}"
            : $"hatchery.root=iscsi:{portals.Iscsi}:{TargetName.Iqn(device, boot)}";
}

/// <summary>Where this server streams.</summary>
public sealed record BootPortals(string Server, IPEndPoint Iscsi, IPEndPoint Nbd);
