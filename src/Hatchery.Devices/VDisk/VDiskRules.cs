using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What a vDisk decides, without its actor: pure functions of state, command and farm.</summary>
public static partial class VDiskRules
{
    private const int VersionsMax = 100;

    /// <param name="farm">Names whom a refusal is about.</param>
    /// <param name="lacking">The servers that serve, and have not shown by its hash that they hold one of these layers.</param>
    public static Decision<IVDiskEvent> Decide(
        VDiskState state,
        IVDiskCommand command,
        DateTimeOffset now,
        FarmSnapshot farm,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    ) =>
        command switch
        {
            AddVDisk c => Add(state, c, now),
            CloneVDisk c => Clone(state, c, now),
            _ when !state.IsKnown => No(Refusal.NotFound, $"no vDisk {command.VDisk}"),
            ConfirmVersion c => state.Versions.Any(v => v.Image == c.Image)
                ? Decision<IVDiskEvent>.Nothing
                : No(Refusal.Conflict, $"{state.Name} has lost that version meanwhile"),
            RenameVDisk c => Rename(state, c, now),
            AddVersion c => Add(state, c, now),
            PromoteVersion c when IsOfOpen(state, c) => CloseToPromote(state, c, now, farm),
            PromoteVersion c => Promote(state, c, now, lacking),
            PromoteDue => Due(state, now, lacking),
            StartCanary c => Start(state, c, now, farm, lacking),
            TryCanary c => Try(state, c, farm),
            JudgeCanary => Judge(state, now, farm, lacking),
            RevertVersion c => Revert(state, c, now, lacking),
            PinCollection c => Pin(state, c, now, lacking),
            DeleteVersion c => Delete(state, c, now, farm),
            OpenMaintenance c => Open(state, c, now),
            CloseMaintenance c => Close(state, c, now, farm),
            MakeVersion c => Make(state, c, now, farm),
            ClaimMaking c => Claim(state, c, now),
            EndMaking c => End(state, c, now, lacking),
            SetMergeLimit c => Limit(state, c, now),
            TakeVersion c => Take(state, c, now, farm),
            HoldLock { Writes: { } writes } c => HoldOpen(state, c.Device, writes, farm),
            HoldLock c => Hold(state, c.Device, now, farm),
            UnlockVDisk c => state.Lock is { IsHeld: true }
                ? Of(new VDiskUnlocked(c.By, now))
                : Decision<IVDiskEvent>.Nothing,
            ReleaseVersion c => state.Users.ContainsKey(c.Device)
                ? Of(new VersionReleased(c.Device))
                : Decision<IVDiskEvent>.Nothing,
            RemoveVDisk => state.Users.IsEmpty
                ? Of(new VDiskRemoved(now))
                : No(Refusal.Conflict, $"{state.Name} is in use by {NamesOf(state.Users.Keys, farm)}"),
            _ => throw new ArgumentException($"{command.GetType().Name} is not decided here", nameof(command)),
        };

    private static Decision<IVDiskEvent> Add(VDiskState state, AddVDisk c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no vDisk name: {EntityName.Rule}");
        if (!state.IsKnown)
            return Of(
                new VDiskCreated(c.Name, now, c.SectorBytes),
                new VersionAdded(1, c.Image, c.SizeBytes, c.Sha256, c.HasKernel, c.KernelArguments, now)
            );
        return state.Name == c.Name && state.Versions.Any(v => v.Image == c.Image)
            ? Decision<IVDiskEvent>.Nothing
            : No(Refusal.Conflict, $"vDisk {state.Name} is there already");
    }

    private static string NamesOf(IEnumerable<DeviceId> devices, FarmSnapshot farm) =>
        ShortList.Of(devices.Select(id => farm.Device(id)?.Name ?? $"{id}").Order(StringComparer.Ordinal));

    private static Decision<IVDiskEvent> Of(params IVDiskEvent[] happened) => Decision<IVDiskEvent>.Of(happened);

    private static Decision<IVDiskEvent> No(Refusal refusal, string reason) =>
        Decision<IVDiskEvent>.No(refusal, reason);
}
