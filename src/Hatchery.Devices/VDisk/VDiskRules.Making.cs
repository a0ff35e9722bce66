using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Versions that machines write, and versions that servers make of them and of others.</summary>
public static partial class VDiskRules
{
    private const int MergeLimitMax = 100;

    /// <summary>Why no further version can be begun now; null: one can.</summary>
    private static Decision<IVDiskEvent>? WhyBusy(VDiskState state) =>
        state.Making is { } making
            ? No(
                Refusal.Conflict,
                $"{state.Name} version {making.Number} is being made: see pbm vdisk version list {state.Name}"
            )
        : state.Open is { } open
            ? No(
                Refusal.Conflict,
                $"{state.Name} version {open.Number} is being written: promote, close or delete it before there is another"
            )
        : state.Versions.Length >= VersionsMax
            ? No(Refusal.Conflict, $"{state.Name} has {VersionsMax} versions: delete some that nobody uses")
        : null;

    private static Decision<IVDiskEvent> Open(VDiskState state, OpenMaintenance c, DateTimeOffset now)
    {
        if (WhyBusy(state) is { } busy)
            return busy;
        if (state.Versions.FirstOrDefault(v => v.Access == VersionAccess.Maintenance) is { } closed)
            return No(
                Refusal.Conflict,
                $"{Named(state, closed)} is in maintenance: promote it or delete it before there is another"
            );
        if (c.Note is { Length: > NoteMax })
            return No(Refusal.Invalid, $"a note has at most {NoteMax} characters");
        var parent = c.Parent is { } number ? state.Version(number) : state.Versions.MaxBy(v => v.Number);
        return parent is null
            ? NoVersion(state, c.Parent ?? 1)
            : Of(new MaintenanceOpened(state.NextNumber, parent.Number, c.By, c.Note, now));
    }

    private static Decision<IVDiskEvent> Close(
        VDiskState state,
        CloseMaintenance c,
        DateTimeOffset now,
        FarmSnapshot farm
    )
    {
        if (c.To == VersionAccess.Retired)
            return No(Refusal.Invalid, "a version is promoted to test or to production");
        if (state.Open is not { } open || (c.Number is { } number && number != open.Number))
            return c.Number is { } wanted && state.Version(wanted) is null
                ? NoVersion(state, wanted)
                : No(Refusal.Conflict, $"no version of {state.Name} is open that a machine writes");
        if (state.Making?.Number == open.Number)
            return state.Making.Access == c.To
                ? Decision<IVDiskEvent>.Nothing
                : Of(new MakingBegun(state.Making with { Access = c.To }));
        if (open.Lock is not { } held)
            return No(
                Refusal.Conflict,
                $"{state.Name} version {open.Number}: nobody has written it yet: boot a device with --access maintenance, or delete it"
            );
        if (!c.IsForced && farm.Device(held.Device) is { Phase: not DevicePhase.Off })
            return No(
                Refusal.Conflict,
                $"{NameOf(held.Device, farm)} runs from {state.Name} version {open.Number} and writes it: shut it down first (close --force ends its session)"
            );
        return Of(
            new MakingBegun(
                new(open.Number, open.Parent, open.Parent, held.Device, c.To, now, c.By ?? open.By, open.Note)
            )
        );
    }

    /// <summary>The version that a machine writes is to be promoted: what it wrote becomes a layer first.</summary>
    private static bool IsOfOpen(VDiskState state, PromoteVersion c) =>
        state.Open is { } open && (c.Number is null || c.Number == open.Number);

    private static Decision<IVDiskEvent> CloseToPromote(
        VDiskState state,
        PromoteVersion c,
        DateTimeOffset now,
        FarmSnapshot farm
    ) =>
        c.From is null
            ? Close(state, new(c.VDisk, c.Number, c.To ?? VersionAccess.Test, By: c.By), now, farm)
            : No(
                Refusal.Conflict,
                $"{state.Name} version {state.Open!.Number} is being written: promote it to test before a time is set for production"
            );

    private static Decision<IVDiskEvent> Make(VDiskState state, MakeVersion c, DateTimeOffset now, FarmSnapshot farm)
    {
        if (c.Note is { Length: > NoteMax })
            return No(Refusal.Invalid, $"a note has at most {NoteMax} characters");
        if (c.Access == VersionAccess.Retired)
            return No(Refusal.Invalid, "a version is made for maintenance, test or production");
        var found = c.Top is { } number ? state.Version(number) : state.Versions.MaxBy(v => v.Number);
        if (found is not { } top)
            return NoVersion(state, c.Top ?? 1);
        var below =
            c.IsBase ? default(int?)
            : c.Writer is null ? state.RootOf(top).Number
            : top.Number;
        var access =
            c.Access
            ?? (
                c.Writer is not null ? VersionAccess.Maintenance
                : top.Access == VersionAccess.Retired ? VersionAccess.Test
                : top.Access
            );
        if (
            state.Making is { } same
            && (same.Top, same.Below, same.Writer, same.Access) == (top.Number, below, c.Writer, access)
        )
            return Decision<IVDiskEvent>.Nothing;
        if (WhyBusy(state) is { } busy)
            return busy;
        if (c.Writer is null && state.LayersOf(top).Length < (c.IsBase ? 2 : 3))
            return No(
                Refusal.Conflict,
                c.IsBase
                    ? $"{Named(state, top)} is a whole image already"
                    : $"{Named(state, top)} has no layers that could be one"
            );
        if (c.Writer is { } writer && farm.Device(writer) is { Phase: not DevicePhase.Off })
            return No(Refusal.Conflict, $"{NameOf(writer, farm)} runs from {state.Name}: shut it down first");
        return Of(new MakingBegun(new(state.NextNumber, top.Number, below, c.Writer, access, now, c.By, c.Note)));
    }

    private static Decision<IVDiskEvent> Claim(VDiskState state, ClaimMaking c, DateTimeOffset now)
    {
        if (state.Making is not { } making || making.Number != c.Number || state.Version(c.Number) is not null)
            return No(Refusal.NotFound, $"version {c.Number} of {state.Name} is not to be made");
        if (making.Server == c.Server && (c.Server is null || making.Layer == c.Layer))
            return Decision<IVDiskEvent>.Nothing;
        return making.Server is { } other && other != c.Instead
            ? No(Refusal.Conflict, $"{other} makes version {c.Number} of {state.Name}")
            : Of(new MakingClaimed(c.Number, c.Server, c.Layer, now));
    }

    /// <summary>What the server that claimed it has made.</summary>
    private static Decision<IVDiskEvent> AddMade(VDiskState state, AddVersion c, int number, DateTimeOffset now)
    {
        if (state.Making is not { } making || making.Number != number || making.Layer != c.Image)
            return No(Refusal.NotFound, $"version {number} of {state.Name} is not to be made of {c.Image}");
        List<IVDiskEvent> happened =
        [
            new VersionCreated(
                number,
                c.Image,
                c.SizeBytes,
                c.Sha256,
                c.HasKernel,
                c.KernelArguments,
                making.Below,
                making.By,
                making.Note,
                now
            ),
        ];
        if (making.Access == VersionAccess.Maintenance)
            happened.Add(new MakingEnded(number, now));
        if (state.Open?.Number == number && making.Writer is { } writer && state.Users.ContainsKey(writer))
            happened.Add(new VersionReleased(writer));
        return Of([.. happened]);
    }

    private static Decision<IVDiskEvent> End(
        VDiskState state,
        EndMaking c,
        DateTimeOffset now,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    )
    {
        if (state.Making is not { } making || making.Number != c.Number)
            return Decision<IVDiskEvent>.Nothing;
        if (state.Version(c.Number) is not { } version)
            return No(Refusal.Conflict, $"{state.Name} version {c.Number} is not made yet");
        // An operator may have been faster.
        var isThere =
            version.Access == making.Access
            || version.Access is VersionAccess.Production or VersionAccess.Retired
            || (version.Access == VersionAccess.Test && making.Access != VersionAccess.Production);
        return isThere ? Of(new MakingEnded(c.Number, now))
            : making.Access == VersionAccess.Production && state.Canary is { } canary ? InCanary(state, canary)
            : Lacks(state, version, lacking)
                ?? Of(new VersionPromoted(c.Number, making.Access, making.By, now), new MakingEnded(c.Number, now));
    }

    /// <summary>What is open, or not made yet, is given up; what its device wrote goes.</summary>
    private static Decision<IVDiskEvent> GiveUp(
        VDiskState state,
        DeleteVersion c,
        DateTimeOffset now,
        FarmSnapshot farm
    )
    {
        if (
            state.Open is { Lock: { } held } open
            && open.Number == c.Number
            && farm.Device(held.Device) is { Phase: not DevicePhase.Off }
        )
            return No(
                Refusal.Conflict,
                $"{NameOf(held.Device, farm)} runs from {state.Name} version {c.Number} and writes it: shut it down first"
            );
        var deleted = new VersionDeleted(c.Number, c.By, now);
        return
            state.Open is { Lock.Device: var writer } given
            && given.Number == c.Number
            && state.Users.ContainsKey(writer)
            ? Of(deleted, new VersionReleased(writer))
            : Of(deleted);
    }

    private static Decision<IVDiskEvent> Limit(VDiskState state, SetMergeLimit c, DateTimeOffset now) =>
        c.Layers is < 0 or > MergeLimitMax ? No(Refusal.Invalid, $"a number of layers is 0 to {MergeLimitMax}")
        : c.Layers == state.MergeAbove ? Decision<IVDiskEvent>.Nothing
        : Of(new MergeLimitSet(c.Layers, c.By, now));

    /// <summary>Whether a boot is one of the version that is open.</summary>
    internal static bool TakesOpen(VDiskState state, TakeVersion c) =>
        state.Open is { } open
        && (
            c.Writes is not null
            || (
                c is { Sees: VersionAccess.Maintenance, IsPrivate: false, Kept: null }
                && state.Version(open.Parent) is { } parent
                && c.Script.Allows(state.Id, parent.Image, open.Number)
            )
        );

    /// <summary>A boot of the version that is open, by the one device that writes it.</summary>
    private static Decision<IVDiskEvent> TakeOpen(
        VDiskState state,
        OpenVersion open,
        DeviceId device,
        DateTimeOffset now,
        FarmSnapshot farm
    )
    {
        if (state.Making?.Number == open.Number)
            return No(
                Refusal.Conflict,
                $"{state.Name} version {open.Number} is being closed: {NameOf(device, farm)} boots it when it is"
            );
        if (open.Lock is { } held && held.Device != device)
            return No(
                Refusal.Conflict,
                $"{state.Name} version {open.Number} is written by {NameOf(held.Device, farm)}, and by nobody else until it is promoted, closed or deleted"
            );
        var taken = new MaintenanceTaken(device, (open.Lock?.Epoch ?? default).Next(), now);
        return state.Users.TryGetValue(device, out var uses) && uses == open.Parent
            ? Of(taken)
            : Of(taken, new VersionTaken(device, open.Parent));
    }

    /// <summary>What a device wrote is on its way into a version: nobody may write it meanwhile.</summary>
    private static Decision<IVDiskEvent>? WhyBeingMade(VDiskState state, DeviceId device, FarmSnapshot farm) =>
        state.Making is { } making && making.Writer == device && state.Version(making.Number) is null
            ? No(
                Refusal.Conflict,
                $"what {NameOf(device, farm)} wrote is being made version {making.Number} of {state.Name}"
            )
            : null;

    /// <summary>The boot of a device that writes a version goes on.</summary>
    private static Decision<IVDiskEvent> HoldOpen(VDiskState state, DeviceId device, int writes, FarmSnapshot farm) =>
        WhyBeingMade(state, device, farm)
        ?? (
            state.Open is { Lock: { } held } open && open.Number == writes && held.Device == device
                ? Decision<IVDiskEvent>.Nothing
                : No(
                    Refusal.NotFound,
                    $"{state.Name} version {writes}, which {NameOf(device, farm)} wrote, is closed: it has to boot"
                )
        );
}
