using Hatchery.Disks;

namespace Hatchery.Devices;

public static partial class VDiskRules
{
    private static Decision<IVDiskEvent> Take(VDiskState state, TakeVersion c, DateTimeOffset now, FarmSnapshot farm)
    {
        if (WhyBeingMade(state, c.Device, farm) is { } making)
            return making;
        if (c.Writes is { } writes && state.Open?.Number != writes)
            return HoldOpen(state, c.Device, writes, farm);
        if (TakesOpen(state, c))
            return TakeOpen(state, state.Open!, c.Device, now, farm);
        var chosen = c.IsPrivate ? default(DeviceId?) : c.Device;
        var version =
            (c.Kept is { } kept ? state.Version(kept) : null)
            ?? state.VersionOf(c.Script, c.Sees, c.Collection, chosen);
        if (version is null)
            return c.Script.IsNone || state.Production is null
                ? No(Refusal.NotFound, $"{state.Name} has no version in production")
                : No(Refusal.Stale, DeviceRules.WhyOvertaken(NameOf(c.Device, farm)));
        if (WhyLocked(state, c.Device, farm) is { } locked)
            return locked;
        if (c.IsPrivate && WhyInUse(state, c.Device, farm) is { } used)
            return used;
        List<IVDiskEvent> happened = [];
        if (c.IsPrivate)
            happened.Add(Locked(state, c.Device, now));
        if (!state.Users.TryGetValue(c.Device, out var held) || held != version.Number)
            happened.Add(new VersionTaken(c.Device, version.Number));
        if (
            chosen is not null
            && state.Canary is { } canary
            && version.Number == canary.Number
            // One that boots the kernel itself began when that was sent to it.
            && (
                !canary.Tries.ContainsKey(c.Device)
                || farm.Device(c.Device) is not { } device
                || farm.AssignmentOf(device) is not { Transport: not BootTransport.San }
            )
            && Tried(state, c.Device, c.Sees, c.Collection, now) is { } tried
        )
            happened.Add(tried);
        return Of([.. happened]);
    }

    private static Decision<IVDiskEvent>? WhyInUse(VDiskState state, DeviceId device, FarmSnapshot farm)
    {
        // Whose lock an operator has broken is not waited for: what it wrote is its own, and it is refused when it comes back.
        var gone = state.Lock is { IsHeld: false } broken ? broken.Device : device;
        var others = state
            .Users.Keys.Where(id => id != device && id != gone && farm.Device(id) is { Phase: not DevicePhase.Off })
            .ToArray();
        return others.Length == 0
            ? null
            : No(
                Refusal.Conflict,
                $"{state.Name} is to be private to {NameOf(device, farm)}, and is in use by {NamesOf(others, farm)}"
            );
    }

    private static Decision<IVDiskEvent> Hold(
        VDiskState state,
        DeviceId device,
        DateTimeOffset now,
        FarmSnapshot farm
    ) =>
        WhyLocked(state, device, farm)
        ?? WhyBeingMade(state, device, farm)
        ?? (
            state.Lock is { IsHeld: true } held && held.Device == device
                ? Decision<IVDiskEvent>.Nothing
                : Of(Locked(state, device, now))
        );

    private static VDiskLocked Locked(VDiskState state, DeviceId device, DateTimeOffset now) =>
        new(device, (state.Lock?.Epoch ?? default).Next(), now);

    private static Decision<IVDiskEvent>? WhyLocked(VDiskState state, DeviceId device, FarmSnapshot farm) =>
        state.Lock is { } held && held.Device != device && held.HoldsIn(farm)
            ? No(
                Refusal.Conflict,
                $"{state.Name} is the private image of {NameOf(held.Device, farm)}, which has it since {held.Since:yyyy-MM-dd HH:mm}: switch that off, or break its lock with pbm vdisk unlock {state.Name}"
            )
            : null;

    private static string NameOf(DeviceId device, FarmSnapshot farm) => farm.Device(device)?.Name ?? $"{device}";
}
