using System.Data.Common;
using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>A device's keeper: decides by <see cref="DeviceRules"/>, persists, then replies; places sessions and grants epochs.</summary>
public sealed class TargetDevice : FarmEntity<DeviceState, IDeviceEvent>
{
    private readonly Func<IActorRef> _vDisks;

    /// <param name="vDisks">The region of vDisks.</param>
    public TargetDevice(DeviceId id, FarmServices farm, Func<IActorRef> vDisks)
        : base(PersistenceIds.Of(id), DeviceState.Unknown(id), farm)
    {
        _vDisks = vDisks;
        CommandAsync<OpenSession>(OpenAsync);
        CommandAsync<ConfirmSession>(ConfirmAsync);
        Command<IDeviceCommand>(Decide);
    }

    public static Props Props(DeviceId id, FarmServices farm, Func<IActorRef> vDisks) =>
        Akka.Actor.Props.Create(() => new TargetDevice(id, farm, vDisks));

    /// <summary>The device's own, or what its collection boots as this server's farm view has it.</summary>
    private Assignment? Assignment => Farm.View.Current.AssignmentOf(State);

    private void Decide(IDeviceCommand command) =>
        Answer(
            DeviceRules.Decide(State, command, Farm.Time.GetUtcNow()),
            Sender,
            () => new Reply.Done(PersistenceId, LastSequenceNr)
        );

    private async Task OpenAsync(OpenSession command)
    {
        var asker = Sender;
        try
        {
            switch (DeviceRules.Admit(State, command.Boot, Assignment))
            {
                case Admission.No no:
                    asker.Tell(new Reply.Refused(no.Refusal, no.Reason));
                    break;
                case Admission.Continue:
                    await ContinueAsync(command, asker);
                    break;
                case Admission.Boot boot:
                    await BootAsync(command, boot.Assignment, await Farm.Sessions.ReadAsync(State.Id), asker);
                    break;
            }
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            asker.Tell(
                new Reply.Refused(
                    Refusal.Unavailable,
                    $"{State.Name}: the farm database does not answer: {away.Message}"
                )
            );
        }
    }

    private async Task BootAsync(OpenSession command, Assignment assignment, SessionRow? row, IActorRef asker)
    {
        if (Farm.View.Current.Policy.IsDraining(command.Server))
        {
            asker.Tell(new Reply.Elsewhere(null, $"{State.Name}: {command.Server} is draining and takes no boots"));
            return;
        }
        var taken = await _vDisks().Ask<Reply>(new TakeVersion(assignment.VDisk, State.Id), Farm.AskTimeout);
        if (taken is not VersionGrant { Version: var version })
        {
            asker.Tell(taken);
            return;
        }
        var boot = command.Boot ?? Farm.Nonces.Issue(State.Id, State.Boot?.Id, Farm.Time.GetUtcNow());
        var cache = new LayerId(Farm.NewGuid());
        if (
            await SwapInAsync(row, SessionPhase.Booting, command.Server, boot, [version.Image, cache])
            is not { } swapped
        )
        {
            asker.Tell(Overtaken());
            return;
        }
        var retired = State.Boot?.Cache;
        var previous = State.Boot?.VDisk;
        var started = new BootStarted(
            boot,
            assignment.VDisk,
            version.Number,
            version.Image,
            cache,
            swapped.Epoch,
            command.Server,
            Farm.Time.GetUtcNow()
        );
        Answer(
            Decision<IDeviceEvent>.Of(started),
            asker,
            () =>
            {
                if (previous is { } left && left != assignment.VDisk)
                    _vDisks().Tell(new ReleaseVersion(left, State.Id));
                return Grant(assignment.Transport, isNewBoot: true, retired);
            }
        );
    }

    private async Task ContinueAsync(OpenSession command, IActorRef asker)
    {
        var boot = State.Boot!;
        var row = await Farm.Sessions.ReadAsync(State.Id);
        // No streamer ever said that it has this boot's disk: the grant was lost, or its server was, and there is nothing to go on with.
        if (row is { Phase: SessionPhase.Booting } && row.Boot == boot.Id && Assignment is { } assignment)
        {
            await BootAsync(command with { Boot = boot.Id }, assignment, row, asker);
            return;
        }
        // Its write cache lies with the members of its session and nowhere else.
        if (row is { } open && open.Boot == boot.Id && !open.Members.Contains(command.Server, StringComparer.Ordinal))
        {
            asker.Tell(
                new Reply.Elsewhere(
                    open.Members.FirstOrDefault(),
                    $"{State.Name}: its write cache is at {string.Join(", ", open.Members)}"
                )
            );
            return;
        }
        if (
            await SwapInAsync(row, SessionPhase.Opening, command.Server, boot.Id, [boot.Image, boot.Cache])
            is not { } swapped
        )
        {
            asker.Tell(Overtaken());
            return;
        }
        var transport = Assignment?.Transport ?? BootTransport.San;
        Answer(
            Decision<IDeviceEvent>.Of(new SessionReopened(swapped.Epoch, command.Server, Farm.Time.GetUtcNow())),
            asker,
            () => Grant(transport, isNewBoot: false, retired: null)
        );
    }

    /// <summary>The row is the authority on epochs: it may be ahead of the journal when a server died in between.</summary>
    private async Task<SessionRow?> SwapInAsync(
        SessionRow? row,
        SessionPhase phase,
        string server,
        BootId boot,
        IReadOnlyList<LayerId> layers
    )
    {
        var last = row is { } r && r.Epoch > State.Epoch ? r.Epoch : State.Epoch;
        return await Farm.Sessions.SwapAsync(
            new(State.Id, row?.Revision ?? 0, last.Next(), phase, boot, server, [server], [.. layers])
        );
    }

    private async Task ConfirmAsync(ConfirmSession command)
    {
        var asker = Sender;
        try
        {
            var row = await Farm.Sessions.ReadAsync(State.Id);
            var confirmed =
                row is { } r
                && r.Epoch == command.Epoch
                && r.Streamer == command.Server
                && await Farm.Sessions.SwapAsync(r with { Phase = SessionPhase.Open }) is not null;
            asker.Tell(confirmed ? new Reply.Done(PersistenceId, LastSequenceNr) : Overtaken());
        }
        catch (DbException away)
        {
            asker.Tell(
                new Reply.Refused(
                    Refusal.Unavailable,
                    $"{State.Name}: the farm database does not answer: {away.Message}"
                )
            );
        }
    }

    private SessionGrant Grant(BootTransport transport, bool isNewBoot, LayerId? retired)
    {
        var boot = State.Boot!;
        return new(State.Id, boot.Id, boot.Epoch, boot.Image, boot.Cache, isNewBoot, transport, retired);
    }

    private Reply.Refused Overtaken() =>
        new(Refusal.Unavailable, $"{State.Name}: another server has just opened a newer session");
}
