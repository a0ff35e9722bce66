using System.Collections.Immutable;
using System.Globalization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Canaries: who tries a version, how they fare, and what follows.</summary>
public static partial class VDiskRules
{
    /// <summary>A device that has booted so often without running boots on without end.</summary>
    private const int BootsMax = 3;

    /// <summary>Firmware asks more than once in one boot; a machine that was reset takes longer.</summary>
    private static readonly TimeSpan s_sameBoot = TimeSpan.FromSeconds(15);

    /// <summary>Looks at every device of the farm, which takes a while where these are many; null: there is nothing to choose for.</summary>
    internal static CanaryChoice? Choose(VDiskState state, StartCanary c, FarmSnapshot farm) =>
        c.Plan.Fault is null && WhatIsNext(state, c.Number, to: null, out _) is { } version
            ? Choose(state, version.Number, c.Plan, farm)
            : null;

    /// <param name="chosen">Null, or for another version: it is chosen now.</param>
    internal static Decision<IVDiskEvent> Start(
        VDiskState state,
        StartCanary c,
        DateTimeOffset now,
        FarmSnapshot farm,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking,
        CanaryChoice? chosen = null
    )
    {
        if (!state.IsKnown)
            return No(Refusal.NotFound, $"no vDisk {state.Id}");
        if (c.Plan.Fault is { } wrong)
            return No(Refusal.Invalid, wrong);
        if (WhatIsNext(state, c.Number, to: null, out var missing) is not { } version)
            return missing;
        if (state.Canary is { } running)
            return running.Number == version.Number && running.Plan == c.Plan
                ? Decision<IVDiskEvent>.Nothing
                : InCanary(state, running);
        if (state.Scheduled is { } scheduled)
            return No(
                Refusal.Conflict,
                $"{state.Name} version {scheduled.Number} is scheduled for production: pbm vdisk version revert {state.Name} takes that back"
            );
        if (version.Access == VersionAccess.Production || state.Production is null)
            return No(Refusal.Conflict, $"{Named(state, version)} is in production, or nothing is to return to");
        if (c.Plan.Collection is { } own && state.Pinned.ContainsKey(own))
            return No(
                Refusal.Conflict,
                $"collection {farm.Policy.Collection(own)?.Name ?? $"{own}"} is pinned to a version of {state.Name}"
            );
        var (_, threshold, devices) =
            chosen?.Number == version.Number ? chosen : Choose(state, version.Number, c.Plan, farm);
        if (devices == 0)
            return No(Refusal.NotFound, $"no device boots what is in production of {state.Name}, so none can try it");
        var started = new CanaryStarted(version.Number, c.Plan, threshold, devices, c.By, now);
        if (version.Access != VersionAccess.Maintenance)
            return Lacks(state, version, lacking) ?? Of(started);
        var tested = Promote(state, new(state.Id, version.Number, VersionAccess.Test, By: c.By), now, lacking);
        return tested.Refused is null ? Of([.. tested.Events, started]) : tested;
    }

    /// <summary>The rank up to which devices are chosen, and how many they are now.</summary>
    private static CanaryChoice Choose(VDiskState state, int number, CanaryPlan plan, FarmSnapshot farm)
    {
        var ranks = new List<ulong>();
        foreach (var device in farm.AnyDevices)
            if (
                farm.AssignmentOf(device) is { } assignment
                && assignment.VDisk == state.Id
                // A private image goes on with what it lies on.
                && assignment.Mode != DiskMode.Private
                && farm.AccessOf(device) == VersionAccess.Production
                && farm.CollectionOf(device).Id is var collection
                && !state.Pinned.ContainsKey(collection)
                && (plan.Collection is not { } own || own == collection)
            )
                ranks.Add(Canary.Rank(state.Id, number, device.Id));
        if (ranks.Count == 0)
            return new(number, 0, 0);
        ranks.Sort();
        var chosen = (int)Math.Ceiling(ranks.Count * plan.SharePercent / 100);
        return new(number, ranks[chosen - 1], chosen);
    }

    /// <summary>The kernel of the version was sent to a device: whether that starts is not known before its disk is asked for, if ever.</summary>
    private static Decision<IVDiskEvent> Try(VDiskState state, TryCanary c, FarmSnapshot farm) =>
        farm.Device(c.Device) is { } device
        && state.Canary?.Number == c.Number
        && Tried(state, c.Device, farm.AccessOf(device), farm.CollectionOf(device).Id, c.At) is { } tried
            ? Of(tried)
            : Decision<IVDiskEvent>.Nothing;

    /// <summary>Null: it is none of those that are counted, or this is part of a boot that was counted.</summary>
    private static CanaryTried? Tried(
        VDiskState state,
        DeviceId device,
        VersionAccess sees,
        CollectionId collection,
        DateTimeOffset at
    ) =>
        state.CanaryOf(sees, collection, device) is { } canary
        && (
            canary.Tries.TryGetValue(device, out var before)
                ? before.HasRun is null && at - before.Last >= s_sameBoot
                : canary.Tries.Count < Canary.TriesMax
        )
            ? new(device, at)
            : null;

    private static Decision<IVDiskEvent> Judge(
        VDiskState state,
        DateTimeOffset now,
        FarmSnapshot farm,
        Func<ImmutableArray<LayerId>, IReadOnlyList<string>> lacking
    )
    {
        if (state.Canary is not { } canary || state.Version(canary.Number) is not { } version)
            return Decision<IVDiskEvent>.Nothing;
        List<IVDiskEvent> happened = [];
        foreach (var (device, tried) in canary.Tries)
            if (tried.HasRun is null && Fared(state, canary, tried, farm.Device(device), now) is { } result)
            {
                happened.Add(new CanaryCounted(device, result.HasRun, result.Why, now));
                canary = canary.Counted((CanaryCounted)happened[^1]);
            }
        var (passed, failed) = (canary.Passed, canary.Failed);
        var counted = passed + failed;
        var isOver =
            counted >= canary.Wanted
            || (
                now - canary.StartedAt >= canary.Plan.Wait && counted >= canary.Wanted * canary.Plan.EnoughPercent / 100
            );
        var isBad = failed * 100 > counted * canary.Plan.LimitPercent;
        if (isBad && (isOver || failed >= Math.Min(canary.Plan.FailuresMin, canary.Wanted)))
        {
            var reason = string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} of {counted} machines that booted it did not run, and {canary.Plan.LimitPercent} % may fail; {canary.Tries.Values.Last(t => t.HasRun == false).Why}"
            );
            happened.Add(new CanaryEnded(canary.Number, CanaryOutcome.Returned, reason, null, now));
        }
        else if (isOver && counted > 0 && !canary.Plan.IsAutomatic)
        {
            if (!canary.IsProven)
                happened.Add(new CanaryProven(canary.Number, now));
        }
        else if (isOver && counted > 0)
        {
            // What was counted is not lost while a server lacks the version.
            if (Lacks(state, version, lacking) is { } not)
                return happened.Count > 0 ? Of([.. happened]) : not;
            happened.Add(Ended(canary, $"{passed} of {counted} machines that booted it run", null, now));
            happened.Add(new VersionPromoted(canary.Number, VersionAccess.Production, canary.By, now));
        }
        return Of([.. happened]);
    }

    /// <summary>Null: it is not known yet.</summary>
    private static (bool HasRun, string? Why)? Fared(
        VDiskState state,
        Canary canary,
        CanaryTry tried,
        DeviceState? device,
        DateTimeOffset now
    )
    {
        if (device is null)
            return null;
        var boot =
            device.Boot is { } b && (b.VDisk, b.Version) == (state.Id, canary.Number) && b.StartedAt >= canary.StartedAt
                ? b
                : null;
        var isRunning = device.Phase == DevicePhase.Running;
        if (boot?.RanAt is { } ran && (isRunning ? now : device.PhaseSince) - ran >= canary.Plan.Settle)
            return (true, null);
        if (tried.Boots > BootsMax)
            return (false, $"{device.Name} booted it {tried.Boots} times in {Minutes(tried.Last - tried.Since)}");
        var hasItsDisk = isRunning || device.Phase == DevicePhase.SessionOpen;
        return
            now - tried.Since < canary.Plan.BootDeadline
            // It goes on with the boot before, so it was not the machine that asked for the kernel; or it has not run for long enough.
            || (hasItsDisk && boot is null)
            || (isRunning && boot is not null)
            ? null
            : (
                false,
                $"{device.Name} {(boot?.RanAt is null ? "did not run" : "did not go on running")} within {Minutes(canary.Plan.BootDeadline)}"
            );
    }

    private static CanaryEnded Ended(Canary canary, string reason, string? by, DateTimeOffset now) =>
        new(canary.Number, CanaryOutcome.Promoted, reason, by, now);

    private static Decision<IVDiskEvent> InCanary(VDiskState state, Canary canary) =>
        No(
            Refusal.Conflict,
            $"{state.Name} version {canary.Number} is tried by a canary: pbm vdisk version revert {state.Name} takes it back, pbm vdisk version promote {state.Name} --version {canary.Number} ends it for all"
        );

    private static string Minutes(TimeSpan duration) =>
        duration < TimeSpan.FromMinutes(2)
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min");
}

/// <summary>Who is to try a version: those whose rank is at most that, and how many they are now.</summary>
internal sealed record CanaryChoice(int Number, ulong Threshold, int Devices);
