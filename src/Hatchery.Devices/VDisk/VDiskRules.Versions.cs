using System.Collections.Immutable;
using System.Globalization;
using Hatchery.Disks;

namespace Hatchery.Devices;

public static partial class VDiskRules
{
    private const int NoteMax = 200;

    private static Decision<IVDiskEvent> Add(VDiskState state, AddVersion c, DateTimeOffset now)
    {
        if (state.Versions.Any(v => v.Image == c.Image))
            return Decision<IVDiskEvent>.Nothing;
        if (c.Number is { } number)
            return AddMade(state, c, number, now);
        if (WhyBusy(state) is { } busy)
            return busy;
        if (state.Versions.FirstOrDefault(v => v.Access == VersionAccess.Maintenance) is { } open)
            return No(
                Refusal.Conflict,
                $"{Named(state, open)} is in maintenance: promote it or delete it before there is another"
            );
        if (c.Parent is { } parent && state.Version(parent) is null)
            return NoVersion(state, parent);
        if (state.Production is { HasKernel: true } production && !c.HasKernel)
            return No(
                Refusal.Invalid,
                $"{Named(state, production)} has a kernel, by which devices may boot: give --kernel and --initrd"
            );
        if (c.Note is { Length: > NoteMax })
            return No(Refusal.Invalid, $"a note has at most {NoteMax} characters");
        return Of(
            new VersionCreated(
                state.NextNumber,
                c.Image,
                c.SizeBytes,
                c.Sha256,
                c.HasKernel,
                c.KernelArguments,
                c.Parent,
                c.By,
                c.Note,
                now
            )
        );
    }

    private static Decision<IVDiskEvent> Promote(
        VDiskState state,
        PromoteVersion c,
        DateTimeOffset now,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    )
    {
        if (WhatIsNext(state, c.Number, c.To, out var missing) is not { } version)
            return missing;
        var to = c.To ?? (version.Access == VersionAccess.Maintenance ? VersionAccess.Test : VersionAccess.Production);
        if (to is not (VersionAccess.Test or VersionAccess.Production))
            return No(Refusal.Invalid, "a version is promoted to test or to production");
        if (version.Access == VersionAccess.Production && to == VersionAccess.Test)
            return No(
                Refusal.Conflict,
                $"{Named(state, version)} is in production: pbm vdisk version revert {state.Name} takes it back to test"
            );
        if (to == VersionAccess.Production && state.Canary is { } canary)
            return canary.Number != version.Number || c.From > now
                ? InCanary(state, canary)
                : Lacks(state, version, lacking)
                    ?? Of(
                        Ended(canary, "an operator put it into production", c.By, now),
                        new VersionPromoted(version.Number, to, c.By, now)
                    );
        if (c.From is { } from && from > now)
            return to == VersionAccess.Test ? No(Refusal.Invalid, "a time is for a promotion to production")
                : state.Scheduled is { } scheduled && (scheduled.Number, scheduled.From) == (version.Number, from)
                    ? Decision<IVDiskEvent>.Nothing
                : Of(new PromotionScheduled(version.Number, from, c.By, now));
        if (version.Access == to)
            return Decision<IVDiskEvent>.Nothing;
        return Lacks(state, version, lacking) ?? Of(new VersionPromoted(version.Number, to, c.By, now));
    }

    /// <summary>The version that is named, or the newest that can be promoted.</summary>
    private static VDiskVersion? WhatIsNext(
        VDiskState state,
        int? number,
        VersionAccess? to,
        out Decision<IVDiskEvent> missing
    )
    {
        missing = number is { } wanted
            ? NoVersion(state, wanted)
            : No(Refusal.NotFound, $"{state.Name} has no version to promote: see pbm vdisk version list {state.Name}");
        return number is { } named
            ? state.Version(named)
            : state.Versions.LastOrDefault(v =>
                v.Access is VersionAccess.Maintenance or VersionAccess.Test && v.Access != to
            );
    }

    /// <summary>Who scheduled it is who did it.</summary>
    private static Decision<IVDiskEvent> Due(
        VDiskState state,
        DateTimeOffset now,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    ) =>
        state.Scheduled is { } due && due.From <= now && state.Version(due.Number) is { } version
            ? Lacks(state, version, lacking)
                ?? Of(new VersionPromoted(due.Number, VersionAccess.Production, due.By, now))
            : Decision<IVDiskEvent>.Nothing;

    private static Decision<IVDiskEvent> Revert(
        VDiskState state,
        RevertVersion c,
        DateTimeOffset now,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    )
    {
        if (state.Making is { } making && state.Version(making.Number) is not null)
            return Of(new MakingEnded(making.Number, now));
        if (state.Scheduled is not null)
            return Of(new PromotionCancelled(c.By, now));
        if (state.Canary is { } canary)
            return Of(new CanaryEnded(canary.Number, CanaryOutcome.Aborted, "an operator took it back", c.By, now));
        if (state is not { Production: { } from, BeforeProduction: { } to })
            return No(Refusal.NotFound, $"{state.Name} has no version that was in production before");
        return Lacks(state, to, lacking) ?? Of(new ProductionReverted(from.Number, to.Number, c.By, now));
    }

    private static Decision<IVDiskEvent> Pin(
        VDiskState state,
        PinCollection c,
        DateTimeOffset now,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    )
    {
        var pinned = state.Pinned.TryGetValue(c.Collection, out var pin) ? pin : default(int?);
        if (c.Number == pinned)
            return Decision<IVDiskEvent>.Nothing;
        if (c.Number is not { } number)
            return Of(new CollectionPinned(c.Collection, null, c.By, now));
        return state.Version(number) is not { } version ? NoVersion(state, number)
            : version.Access == VersionAccess.Maintenance
                ? No(Refusal.Conflict, $"{Named(state, version)} is in maintenance: promote it to test first")
            : Lacks(state, version, lacking) ?? Of(new CollectionPinned(c.Collection, number, c.By, now));
    }

    private static Decision<IVDiskEvent> Delete(
        VDiskState state,
        DeleteVersion c,
        DateTimeOffset now,
        FarmSnapshot farm
    )
    {
        if (state.Version(c.Number) is not { } version)
            return state.Open?.Number == c.Number || state.Making?.Number == c.Number
                ? GiveUp(state, c, now, farm)
                : NoVersion(state, c.Number);
        if (version.Access == VersionAccess.Production)
            return No(Refusal.Conflict, $"{Named(state, version)} is in production");
        if (state.Canary is { } canary && canary.Number == c.Number)
            return InCanary(state, canary);
        var users = state.Users.Where(u => u.Value == c.Number).Select(u => u.Key).ToArray();
        if (users.Length > 0)
            return No(Refusal.Conflict, $"{Named(state, version)} is in use by {NamesOf(users, farm)}");
        var pins = state.Pinned.Where(p => p.Value == c.Number).Select(p => p.Key).ToArray();
        if (pins.Length > 0)
            return No(
                Refusal.Conflict,
                $"{Named(state, version)} is what collection {ShortList.Of(pins.Select(id => farm.Policy.Collection(id)?.Name ?? $"{id}"))} is pinned to"
            );
        if (state.Making is { } making && making.Top == c.Number && state.Version(making.Number) is null)
            return No(
                Refusal.Conflict,
                $"{Named(state, version)} is being made a part of version {making.Number} of {state.Name}"
            );
        if (state.Open is { } open && open.Parent == c.Number)
            return No(
                Refusal.Conflict,
                $"version {open.Number} of {state.Name}, which is being written, lies on {Named(state, version)}"
            );
        var above = state.Versions.Where(v => v.Parent == c.Number).ToArray();
        if (above.Length > 0)
            return No(
                Refusal.Conflict,
                $"version {ShortList.Of(above.Select(v => v.Number.ToString(CultureInfo.InvariantCulture)))} of {state.Name} lies on {Named(state, version)}"
            );
        return Of(new VersionDeleted(c.Number, c.By, now));
    }

    private static Decision<IVDiskEvent>? Lacks(
        VDiskState state,
        VDiskVersion version,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    ) =>
        lacking(state.LayersOf(version)) is { Count: > 0 } servers
            ? No(
                Refusal.Conflict,
                $"{Named(state, version)} is not whole at {ShortList.Of(servers)} yet: see pbm vdisk replicas {state.Name}"
            )
            : null;

    private static string Named(VDiskState state, VDiskVersion version) => $"{state.Name} version {version.Number}";

    private static Decision<IVDiskEvent> NoVersion(VDiskState state, int number) =>
        No(Refusal.NotFound, $"{state.Name} has no version {number}: see pbm vdisk version list {state.Name}");
}
