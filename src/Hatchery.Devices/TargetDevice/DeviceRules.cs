using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>What a device's keeper decides, without the keeper: pure functions of state and command.</summary>
public static class DeviceRules
{
    public static Decision<IDeviceEvent> Decide(DeviceState state, IDeviceCommand command, DateTimeOffset now) =>
        command switch
        {
            AddDevice c => Add(state, c, now),
            _ when !state.IsKnown => No(Refusal.NotFound, $"no device {command.Device}"),
            AssignVDisk { Assignment.Fault: { } wrong } => No(Refusal.Invalid, wrong),
            AssignVDisk c => state.Assignment == c.Assignment
                ? Decision<IDeviceEvent>.Nothing
                : Of(
                    new VDiskAssigned(
                        c.VDisk,
                        c.Transport,
                        now,
                        c.Mode,
                        c.KeepFor,
                        c.OldVersionUntil,
                        c.Cache,
                        c.CacheRamBytes
                    )
                ),
            UnassignVDisk => state.Assignment is null ? Decision<IDeviceEvent>.Nothing : Of(new VDiskUnassigned(now)),
            MoveDevice c => state.Collection == c.Collection
                ? Decision<IDeviceEvent>.Nothing
                : Of(new DeviceMoved(c.Collection, now)),
            ChangeDeviceSettings c when MachineSettings.WhyNot(c.Change, state.Own) is { } wrong => No(
                Refusal.Invalid,
                wrong
            ),
            ChangeDeviceSettings c => state.Own.Apply(c.Change) == state.Own
                ? Decision<IDeviceEvent>.Nothing
                : Of(new DeviceSettingsChanged(c.Change, now)),
            SetSecret c => SecretRules.Set(state, c.Secret),
            RemoveSecrets c => SecretRules.Remove(state, c, now),
            ReleaseSecrets c => SecretRules.Release(state, c, now),
            OrderCapture c => CaptureRules.Order(state, c.Order),
            EndCapture c => CaptureRules.End(state, c, now),
            PlaceDevice c when !EntityName.IsValid(c.Server) => No(
                Refusal.Invalid,
                $"'{c.Server}' is no server name: {EntityName.Rule}"
            ),
            PlaceDevice c => state.Placement == c.Server
                ? Decision<IDeviceEvent>.Nothing
                : Of(new DevicePlaced(c.Server, now)),
            RemoveDevice c => state.Phase is DevicePhase.SessionOpen or DevicePhase.Running && !c.Force
                ? No(Refusal.Conflict, $"{state.Name} has its disk: switch it off first, or use --force")
                : Of(new DeviceRemoved(now)),
            ReportPhase c => c.Epoch != state.Epoch || c.Phase == state.Phase
                ? Decision<IDeviceEvent>.Nothing
                : Of(new PhaseChanged(c.Phase, now)),
            _ => throw new ArgumentException($"{command.GetType().Name} is not decided here", nameof(command)),
        };

    /// <summary>Boot or reconnect? (DESIGN: the nonce tells them apart.)</summary>
    /// <param name="inherited">What the device's collection boots, where it has no vDisk of its own.</param>
    public static Admission Admit(DeviceState state, BootId? nonce, Assignment? inherited = null)
    {
        if (!state.IsKnown)
            return new Admission.No(Refusal.NotFound, $"no device {state.Id}");
        var current = state.Boot;
        if (nonce is { } given && current is not null)
        {
            if (given == current.Id)
                return new Admission.Continue();
            if (BootNonce.OrdinalOf(given) <= BootNonce.OrdinalOf(current.Id))
                return new Admission.No(Refusal.Stale, $"{state.Name} has booted again since this script was made");
        }
        else if (nonce is null && current is not null && state.Phase != DevicePhase.Off)
        {
            return new Admission.Continue();
        }
        return (state.Assignment ?? inherited) is { } assignment
            ? new Admission.Boot(assignment)
            : new Admission.No(Refusal.NotFound, $"{state.Name} has no vDisk: pbm device assign {state.Name} VDISK");
    }

    /// <summary>Why a login is refused whose script loaded the kernel of another disk than there is for it now.</summary>
    public static string WhyOvertaken(string device) =>
        $"{device} has a boot script of something that it may not boot any more: it has to start over";

    /// <summary>What a report of the device tells, which may be the first that is heard of a session that was opened without its keeper.</summary>
    /// <param name="row">Null: it was not read, or there is none.</param>
    public static Decision<IDeviceEvent> Report(
        DeviceState state,
        ReportPhase report,
        SessionRow? row,
        DateTimeOffset now
    )
    {
        if (Learn(state, row, now) is not { } opened)
            return Decide(state, report, now);
        // Nobody came.
        if ((state.Phase, report.Phase, report.Epoch) == (DevicePhase.Off, DevicePhase.Off, opened.Epoch))
            // A server of the release before knows the first of these as a return.
            return new([opened with { IsOff = true }, new PhaseChanged(DevicePhase.Off, now)], null);
        var decision = Decide(state.Apply(opened), report, now);
        return decision.Refused is null ? new([opened, .. decision.Events], null) : decision;
    }

    /// <summary>What the journal lacks of the session row, where the current boot went on without its keeper; null: nothing.</summary>
    private static SessionReopened? Learn(DeviceState state, SessionRow? row, DateTimeOffset now) =>
        row is not null && state.Boot is { } boot && row.Epoch > boot.Epoch && SessionRules.GoesOn(row, boot.Id)
            ? new(row.Epoch, row.Streamer, now)
            : null;

    private static Decision<IDeviceEvent> Add(DeviceState state, AddDevice c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no device name: {EntityName.Rule}");
        if (c.Macs.IsDefaultOrEmpty || c.Macs.Any(mac => !mac.IsUnicast))
            return No(Refusal.Invalid, "a device needs at least one MAC address, none of them a multicast one");
        if (!state.IsKnown)
            return state.Boot is null
                ? Of(new DeviceAdded(c.Name, c.Macs, c.Uuid, now, c.Collection ?? default, c.Rule))
                : No(Refusal.Conflict, $"device {c.Device} was removed");
        return
            state.Name == c.Name
            && state.Macs.SequenceEqual(c.Macs)
            && state.Uuid == c.Uuid
            && (c.Collection ?? state.Collection) == state.Collection
            ? Decision<IDeviceEvent>.Nothing
            : No(Refusal.Conflict, $"device {state.Name} is there already, with other attributes");
    }

    private static Decision<IDeviceEvent> Of(IDeviceEvent happened) => Decision<IDeviceEvent>.Of(happened);

    private static Decision<IDeviceEvent> No(Refusal refusal, string reason) =>
        Decision<IDeviceEvent>.No(refusal, reason);
}

/// <summary>What a login is.</summary>
public abstract record Admission
{
    private Admission() { }

    /// <summary>A boot: a clean write cache, or one that was kept (<see cref="KeptCache"/>).</summary>
    public sealed record Boot(Assignment Assignment) : Admission;

    /// <summary>The current boot goes on.</summary>
    public sealed record Continue : Admission;

    public sealed record No(Refusal Refusal, string Reason) : Admission;
}
