using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>At its next boot from the network a machine is to send its own disk, of which a new vDisk is made.</summary>
/// <param name="VDisk">The vDisk that is to be, whose name is taken already.</param>
/// <param name="Image">Of its version 1.</param>
/// <param name="Server">Where the machine sends it.</param>
/// <param name="Disk">As the machine's kernel names it; null: its largest.</param>
/// <param name="Restarts">The machine restarts when it is done; otherwise it switches itself off.</param>
/// <param name="KernelPath">A file at <paramref name="Server"/> that the version gets as its kernel, with <paramref name="InitrdPath"/>; null: it has none.</param>
public sealed record CaptureOrder(
    VDiskId VDisk,
    string Name,
    LayerId Image,
    string Server,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Disk = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Restarts = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? KernelPath = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? InitrdPath = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? KernelArguments = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null
)
{
    private const string Devices = "/dev/";
    private const int DiskLengthMax = 64;

    /// <summary>It goes onto a kernel's command line, which is split at spaces.</summary>
    public static bool IsDisk(string text) =>
        text.StartsWith(Devices, StringComparison.Ordinal)
        && text.Length > Devices.Length
        && text.Length <= DiskLengthMax
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or ':')
        && !text.Contains("..", StringComparison.Ordinal);
}

/// <summary>Refused while another one is there; the same again changes nothing.</summary>
public sealed record OrderCapture(DeviceId Device, CaptureOrder Order) : IDeviceCommand;

/// <summary>Of another order than the current one it changes nothing.</summary>
/// <param name="Why">Why nothing came of it; null: the vDisk is there.</param>
public sealed record EndCapture(DeviceId Device, LayerId Image, string? Why, string? By = null) : IDeviceCommand;

public sealed record CaptureOrdered(CaptureOrder Order) : IDeviceEvent;

/// <param name="Why">Why nothing came of it; null: the vDisk is there.</param>
/// <param name="By">Who ended it, as far as that is known.</param>
public sealed record CaptureEnded(CaptureOrder Order, string? Why, string? By, DateTimeOffset At) : IDeviceEvent;

internal static class CaptureRules
{
    public static Decision<IDeviceEvent> Order(DeviceState state, CaptureOrder order) =>
        order.Disk is { } disk && !CaptureOrder.IsDisk(disk)
            ? Decision<IDeviceEvent>.No(Refusal.Invalid, $"'{disk}' is no disk: /dev/sda, /dev/nvme0n1")
        : state.Capture is null ? Decision<IDeviceEvent>.Of(new CaptureOrdered(order))
        : state.Capture.Image == order.Image ? Decision<IDeviceEvent>.Nothing
        : Decision<IDeviceEvent>.No(
            Refusal.Conflict,
            $"{state.Name} is to be captured into {state.Capture.Name} already: pbm vdisk capture {state.Capture.Name} --device {state.Name} --cancel"
        );

    public static Decision<IDeviceEvent> End(DeviceState state, EndCapture c, DateTimeOffset now) =>
        state.Capture is { } order && order.Image == c.Image
            ? Decision<IDeviceEvent>.Of(new CaptureEnded(order, c.Why, c.By, now))
            : Decision<IDeviceEvent>.Nothing;
}
