using Akka.Actor;
using Hatchery.Boot;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm vdisk capture`: a machine sends its own disk at its next boot. The order is the farm's, and goes on without who gave it.</summary>
internal sealed class VDiskCapture(Farm farm, Captures captures)
{
    public const string Off = "off";
    public const string Restart = "restart";

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly VDiskAdministration _vDisks = new(farm);

    public async Task<CommandResponse> RunAsync(CommandArguments a, IActorRef asker, CancellationToken cancellation)
    {
        var (name, wanted) = (a.ArgumentValues("name").First(), a.ArgumentValues("device").First());
        if (farm.View.Current.Device(wanted) is not { } device)
            return new ErroredCommandResponse($"no device {wanted}: see pbm device list");
        if (a.ArgumentValues("cancel").Any())
            return await CancelAsync(a, device, name);
        var (order, refused) =
            device.Capture is { } there && there.Name == name ? (there, null) : await OrderAsync(a, device, name);
        if (order is null)
            return refused!;
        if (order.Server != captures.Server)
            return new ErroredCommandResponse(
                $"{device.Name} sends its disk to server {order.Server}: ask that one how far it is, or end it with --cancel"
            );
        var begin =
            $"{device.Name} sends {order.Disk ?? "its largest disk"} at its next boot from the network: start it, or restart it";
        if (a.ArgumentValues("no-wait").Any())
            return new CommandResponse(begin);
        asker.Tell(
            new CommandResponse(
                $"{begin}. Ctrl+C ends this report and not the capture: the same command goes on with it, --cancel ends it",
                final: false
            )
        );
        return await FollowAsync(device, order, asker, cancellation);
    }

    private async Task<(CaptureOrder?, CommandResponse?)> OrderAsync(
        CommandArguments a,
        DeviceState device,
        string name
    )
    {
        var (kernel, initrd) = (a.Optional("kernel"), a.Optional("initrd"));
        var then = a.Optional("then") ?? Off;
        var wrong = then is not (Off or Restart)
            ? $"--then takes {Off} or {Restart}, not '{then}'"
            : ImageImports.WhyNoKernel(a) ?? captures.WhyNot ?? WhyMissing(kernel, initrd);
        if (wrong is not null)
            return (null, new ErroredCommandResponse(wrong));
        if (farm.View.Current.Devices.FirstOrDefault(d => d.Id != device.Id && d.Capture?.Name == name) is { } other)
            return (null, new ErroredCommandResponse($"{other.Name} is to be captured into {name} already"));
        var (id, refused) = await _vDisks.ReserveAsync(name);
        if (refused is not null)
            return (null, new ErroredCommandResponse(refused.Reason));
        var order = new CaptureOrder(
            id,
            name,
            new(farm.Services.NewGuid()),
            captures.Server,
            farm.Services.Time.GetUtcNow(),
            a.Optional("disk"),
            then == Restart,
            kernel,
            initrd,
            a.Optional("arguments"),
            a.Optional("by")
        );
        return await farm.AskAsync(farm.Devices, new OrderCapture(device.Id, order)) is Reply.Refused no
            ? (null, new ErroredCommandResponse(no.Reason))
            : (order, null);
    }

    private async Task<CommandResponse> CancelAsync(CommandArguments a, DeviceState device, string name)
    {
        if (device.Capture is not { } order || order.Name != name)
            return new ErroredCommandResponse($"{device.Name} is not to be captured into {name}");
        var by = a.Optional("by");
        return Failures.Answer(
            await farm.AskAsync(
                farm.Devices,
                new EndCapture(device.Id, order.Image, by is null ? "cancelled" : $"cancelled by {by}", by)
            ),
            $"{device.Name} is not captured into {name}: nothing of it is left, and the machine stops sending"
        );
    }

    private async Task<CommandResponse> FollowAsync(
        DeviceState device,
        CaptureOrder order,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        var said = "";
        while (true)
        {
            var status = captures.Of(device.Id) is { } seen && seen.Image == order.Image ? seen : null;
            if (status is { HasFailed: true })
                return new ErroredCommandResponse($"{order.Name}: {status.Text}");
            var now = farm.View.Current;
            if (now.VDisk(order.VDisk)?.Versions.FirstOrDefault(v => v.Image == order.Image) is { } version)
                return new CommandResponse(
                    $"vDisk {order.Name} version {version.Number}: {Sizes.Text(version.SizeBytes)}, hash {version.Sha256}"
                );
            if (now.Device(device.Id)?.Capture?.Image != order.Image)
                return new ErroredCommandResponse(
                    $"{order.Name}: the capture of {device.Name} was ended, see pbm device show {device.Name}"
                );
            var line = $"{order.Name}: {status?.Text ?? $"waits for {device.Name} to boot from the network"}";
            if (line != said)
                asker.Tell(new CommandResponse(line, final: false));
            said = line;
            // Of those who look on: what they look at is the farm's, and has no event for each per cent.
            await Task.Delay(s_look, cancellation);
        }
    }

    private static string? WhyMissing(params string?[] files) =>
        files.FirstOrDefault(f => f is not null && !File.Exists(f)) is { } missing ? $"{missing} is not there" : null;
}
