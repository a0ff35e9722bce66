using System.Net;

namespace Hatchery.Devices;

/// <summary>A boot that does not go on, and why: decided by its steps and the time alone.</summary>
/// <param name="Since">The last step that it reached.</param>
/// <param name="Cause">One sentence for the operator: what did not happen, and what usually keeps it from happening.</param>
public sealed record BootStall(DateTimeOffset Since, string Cause)
{
    /// <param name="steps">Of one device, oldest first.</param>
    /// <returns>Null for a machine that runs, is off, or still has time.</returns>
    public static BootStall? Of(IEnumerable<TimelineStep> steps, DateTimeOffset now) =>
        steps.Aggregate(default(TimelineStep), Reached) is { } reached ? At(reached, now) : null;

    /// <summary>Where a boot stands after one more step.</summary>
    public static TimelineStep Reached(TimelineStep? before, TimelineStep next) =>
        (before?.Step, next.Step) switch
        {
            // The end of the boot before is noticed late, when the next one has begun.
            ({ } step, BootSteps.Lost or BootSteps.Off) when BootSteps.IsBeforeLogin(step) => before!,
            // The firmware lets go of the disk before the operating system takes it.
            (BootSteps.SessionOpen, BootSteps.Lost) => before!,
            // Somebody else's login does not stop a machine that has its disk.
            (
                BootSteps.SessionOpen
                    or BootSteps.Running
                    or BootSteps.Waits
                    or BootSteps.CopyAlone
                    or BootSteps.CopyLeft,
                BootSteps.LoginRefused
            ) => before!,
            // Writes waited for a server to be taken from those with a copy.
            (BootSteps.Waits, BootSteps.CopyAlone or BootSteps.CopyLeft) => next,
            (not null, var step) when BootSteps.IsOfCache(step) => before!,
            _ => next,
        };

    /// <param name="reached">See <see cref="Reached"/>.</param>
    public static BootStall? At(TimelineStep reached, DateTimeOffset now)
    {
        var (seconds, cause) = Patience(reached);
        return cause is not null && now - reached.At >= TimeSpan.FromSeconds(seconds) ? new(reached.At, cause) : null;
    }

    /// <summary>How long the next step may take, and what it means when it does not come.</summary>
    private static (int Seconds, string? Cause) Patience(TimelineStep step) =>
        step.Step switch
        {
            BootSteps.Discovered => (10, "it asked for an address and was offered none: the farm database may be away"),
            BootSteps.NotOffered => (0, $"it was offered no address: {step.Detail}"),
            BootSteps.Offered when IPAddress.TryParse(step.Detail, out _) => (
                15,
                $"it was offered {step.Detail} and never requested it: another DHCP server answered, or the offer did not reach it"
            ),
            BootSteps.Offered => (
                15,
                $"it was told of {step.Detail} and fetched nothing: no address from the other DHCP server, or its firmware does not listen to a proxy"
            ),
            BootSteps.Requested => (
                20,
                $"it has {step.Detail} and fetched nothing: TFTP (UDP port 69) or HTTP does not reach this server"
            ),
            BootSteps.BootstrapSent => (
                30,
                $"it has {step.Detail} and asked for nothing more: the program did not start (Secure Boot takes signed ones only), or got no address"
            ),
            BootSteps.TransferFailed => (10, $"a transfer failed and was not begun again: {step.Detail}"),
            BootSteps.NothingToBoot => (0, step.Detail),
            BootSteps.ScriptSent when step.Detail.StartsWith("iqn.", StringComparison.Ordinal) => (
                30,
                "it has its script and did not log in: iSCSI does not reach this server, or its firmware cannot attach the disk"
            ),
            BootSteps.ScriptSent => (
                30,
                "it has its script and did not fetch the kernel: HTTP does not reach this server"
            ),
            BootSteps.KernelSent => (
                60,
                "it has the kernel and did not fetch the initramfs: too little memory, or HTTP ended"
            ),
            BootSteps.InitrdSent => (
                60,
                "it has kernel and initramfs and did not log in: no driver for its network card, or the kernel stopped; see its console"
            ),
            BootSteps.LoginRefused => (0, $"its login was refused: {step.Detail}"),
            BootSteps.Waits => (0, step.Detail),
            BootSteps.Stopped => (0, $"its disk was stopped, and it has to boot: {step.Detail}"),
            BootSteps.SessionOpen => (
                180,
                "its firmware has the disk and the operating system did not log in: the boot loader or kernel stopped, or it does not take over iSCSI from the firmware"
            ),
            BootSteps.Lost => (
                15,
                "its last connection ended and it did not come back: cut off, frozen, or switched off"
            ),
            _ => (0, null),
        };
}
