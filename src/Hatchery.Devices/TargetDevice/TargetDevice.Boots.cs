using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>Boots: with a clean write cache, or with one that was kept.</summary>
public sealed partial class TargetDevice
{
    private async Task BootAsync(OpenSession command, Assignment assignment, SessionRow? row, IActorRef asker)
    {
        var script = BootNonce.MarkOf(command.Boot);
        if (row is not { Phase: SessionPhase.Booting })
        {
            var (farm, now) = (Farm.View.Current, Farm.Time.GetUtcNow());
            var next = farm.NextBootOf(State, now, script);
            if (next?.Kept is { WhyClean: null } kept)
            {
                await BootAgainAsync(command, assignment, kept, SessionOf(row), asker);
                return;
            }
            // The script was made for a clean boot, and what the device has written is not thrown away for that.
            if (next is null && farm.NextBootOf(State, now)?.Kept is { WhyClean: null })
            {
                asker.Tell(ScriptOvertaken());
                return;
            }
            if (farm.WhyBound(State) is { } bound)
            {
                asker.Tell(new Reply.Refused(Refusal.Conflict, $"{State.Name}: {bound}"));
                return;
            }
        }
        if (command.Obstacle is { } obstacle)
        {
            asker.Tell(new Reply.Elsewhere(null, $"{State.Name}: {obstacle}"));
            return;
        }
        if (Farm.View.Current.Policy.IsDraining(command.Server))
        {
            asker.Tell(new Reply.Elsewhere(null, $"{State.Name}: {command.Server} is draining and takes no boots"));
            return;
        }
        if (await TakeAsync(assignment, kept: null, asker, script: script) is not { } granted)
            return;
        // A version that is written is to be kept.
        var isOwn = assignment.Cache != CachePlace.Server && granted.Writes is null;
        // A server of before takes what is newest.
        if (!script.AllowsCache(isOwn) || !script.Allows(assignment.VDisk, granted.Version.Image, granted.Writes))
        {
            asker.Tell(ScriptOvertaken());
            return;
        }
        var wanted = SessionRules.Boot(
            State.Id,
            row,
            State.Epoch,
            BootOf(command),
            command.Server,
            [.. granted.Chain, isOwn ? LayerId.None : new(Farm.NewGuid())]
        );
        await StartAsync(command, assignment, wanted, granted, cacheFrom: null, asker);
    }

    /// <summary>A boot on the write cache that the one before has left; it begins where that lies.</summary>
    private async Task BootAgainAsync(
        OpenSession command,
        Assignment assignment,
        KeptCache kept,
        SessionRow session,
        IActorRef asker
    )
    {
        if (!IsPlacedHere(command, session, asker, out var isNowhere))
        {
            if (isNowhere)
                asker.Tell(Unreachable(command, session));
            return;
        }
        var writes = State.Boot!.Writes;
        if (await TakeAsync(assignment, kept.Version!.Number, asker, writes) is not { } granted)
            return;
        if (
            granted.Version.Number != kept.Version.Number
            || granted.Writes != writes
            || SessionRules.BootAgain(session, State.Epoch, BootOf(command), command.Server) is not { } wanted
        )
            asker.Tell(Overtaken());
        else
            await StartAsync(command, assignment, wanted, granted, State.Boot!.CacheMadeAt, asker);
    }

    private Reply.Refused ScriptOvertaken() => new(Refusal.Stale, DeviceRules.WhyOvertaken(State.Name));

    private BootId BootOf(OpenSession command) =>
        command.Boot ?? Farm.Nonces.Issue(State.Id, State.Boot?.Id, Farm.Time.GetUtcNow());

    /// <summary>Null when the asker was told why there is none.</summary>
    /// <param name="kept">The version of a write cache that was kept.</param>
    /// <param name="writes">The version in maintenance that it was written of; null: none.</param>
    private async Task<VersionGrant?> TakeAsync(
        Assignment assignment,
        int? kept,
        IActorRef asker,
        int? writes = null,
        ScriptMark script = default
    )
    {
        var farm = Farm.View.Current;
        var taken = await _vDisks()
            .Ask<Reply>(
                new TakeVersion(
                    assignment.VDisk,
                    State.Id,
                    farm.AccessOf(State),
                    farm.CollectionOf(State).Id,
                    assignment.Mode == DiskMode.Private,
                    kept,
                    writes,
                    script
                ),
                Farm.AskTimeout
            );
        if (taken is VersionGrant granted)
            return granted;
        asker.Tell(taken);
        return null;
    }

    /// <param name="cacheFrom">When the write cache was made, if it was kept; null: it has to be made.</param>
    private async Task StartAsync(
        OpenSession command,
        Assignment assignment,
        SessionRow wanted,
        VersionGrant granted,
        DateTimeOffset? cacheFrom,
        IActorRef asker
    )
    {
        if (await Farm.Sessions.SwapAsync(wanted) is not { } swapped)
        {
            asker.Tell(Overtaken());
            return;
        }
        var isKept = cacheFrom is not null;
        var retired = isKept || State.Boot is not { HasCache: true } before ? (LayerId?)null : before.Cache;
        var previous = State.Boot?.VDisk;
        var started = new BootStarted(
            swapped.Boot,
            assignment.VDisk,
            granted.Version.Number,
            granted.Version.Image,
            swapped.Cache,
            swapped.Epoch,
            command.Server,
            Farm.Time.GetUtcNow(),
            granted.Writes is null ? assignment.Mode : DiskMode.Maintenance,
            cacheFrom,
            granted.Layers,
            granted.Writes
        );
        Answer(
            Decision<IDeviceEvent>.Of(started),
            asker,
            () =>
            {
                if (previous is { } left && left != assignment.VDisk)
                    _vDisks().Tell(new ReleaseVersion(left, State.Id));
                var grant = Grant(swapped, assignment.Transport, isNewBoot: true, retired);
                return Remember(command, grant with { IsCacheKept = isKept });
            }
        );
    }
}
