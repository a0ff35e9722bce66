using System.Data.Common;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A device's keeper: decides by <see cref="DeviceRules"/>, persists, then replies; places sessions and grants epochs.</summary>
public sealed class TargetDevice : ReceivePersistentActor
{
    private const int EventsPerSnapshot = 200;

    private readonly FarmServices _farm;
    private readonly Func<IActorRef> _vDisks;
    private DeviceState _state;

    /// <param name="vDisks">The region of vDisks.</param>
    public TargetDevice(DeviceId id, FarmServices farm, Func<IActorRef> vDisks)
    {
        _farm = farm;
        _vDisks = vDisks;
        _state = DeviceState.Unknown(id);
        PersistenceId = PersistenceIds.Of(id);

        Recover<SnapshotOffer>(offer => _state = (DeviceState)offer.Snapshot);
        Recover<IDeviceEvent>(happened => _state = _state.Apply(happened));

        CommandAsync<OpenSession>(OpenAsync);
        CommandAsync<ConfirmSession>(ConfirmAsync);
        Command<IDeviceCommand>(Decide);
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed =>
            Context.System.Log.Warning(failed.Cause, "{0}: no snapshot", PersistenceId)
        );
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public override string PersistenceId { get; }

    public static Props Props(DeviceId id, FarmServices farm, Func<IActorRef> vDisks) =>
        Akka.Actor.Props.Create(() => new TargetDevice(id, farm, vDisks));

    private void Decide(IDeviceCommand command)
    {
        var decision = DeviceRules.Decide(_state, command, _farm.Time.GetUtcNow());
        if (decision.Refused is { } refused)
            Sender.Tell(refused);
        else
            PersistThen(decision.Events, Sender, () => new Reply.Done(PersistenceId, LastSequenceNr));
    }

    private async Task OpenAsync(OpenSession command)
    {
        var asker = Sender;
        try
        {
            switch (DeviceRules.Admit(_state, command.Boot))
            {
                case Admission.No no:
                    asker.Tell(new Reply.Refused(no.Refusal, no.Reason));
                    break;
                case Admission.Continue:
                    await ContinueAsync(command, asker);
                    break;
                case Admission.Boot boot:
                    await BootAsync(command, boot.Assignment, asker);
                    break;
            }
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            asker.Tell(
                new Reply.Refused(
                    Refusal.Unavailable,
                    $"{_state.Name}: the farm database does not answer: {away.Message}"
                )
            );
        }
    }

    private async Task BootAsync(OpenSession command, Assignment assignment, IActorRef asker)
    {
        var taken = await _vDisks().Ask<Reply>(new TakeVersion(assignment.VDisk, _state.Id), _farm.AskTimeout);
        if (taken is not VersionGrant { Version: var version })
        {
            asker.Tell(taken);
            return;
        }
        var boot = command.Boot ?? _farm.Nonces.Issue(_state.Id, _state.Boot?.Id, _farm.Time.GetUtcNow());
        var cache = new LayerId(_farm.NewGuid());
        if (await SwapInAsync(command.Server, boot, [version.Image, cache]) is not { } row)
        {
            asker.Tell(Overtaken());
            return;
        }
        var retired = _state.Boot?.Cache;
        var previous = _state.Boot?.VDisk;
        var started = new BootStarted(
            boot,
            assignment.VDisk,
            version.Number,
            version.Image,
            cache,
            row.Epoch,
            command.Server,
            _farm.Time.GetUtcNow()
        );
        PersistThen(
            [started],
            asker,
            () =>
            {
                if (previous is { } left && left != assignment.VDisk)
                    _vDisks().Tell(new ReleaseVersion(left, _state.Id));
                return Grant(assignment.Transport, isNewBoot: true, retired);
            }
        );
    }

    private async Task ContinueAsync(OpenSession command, IActorRef asker)
    {
        var boot = _state.Boot!;
        if (await SwapInAsync(command.Server, boot.Id, [boot.Image, boot.Cache]) is not { } row)
        {
            asker.Tell(Overtaken());
            return;
        }
        var transport = _state.Assignment?.Transport ?? BootTransport.San;
        PersistThen(
            [new SessionReopened(row.Epoch, command.Server, _farm.Time.GetUtcNow())],
            asker,
            () => Grant(transport, isNewBoot: false, retired: null)
        );
    }

    /// <summary>The row is the authority on epochs: it may be ahead of the journal when a server died in between.</summary>
    private async Task<SessionRow?> SwapInAsync(string server, BootId boot, IReadOnlyList<LayerId> layers)
    {
        var row = await _farm.Sessions.ReadAsync(_state.Id);
        var last = row is { } r && r.Epoch > _state.Epoch ? r.Epoch : _state.Epoch;
        return await _farm.Sessions.SwapAsync(
            new(_state.Id, row?.Revision ?? 0, last.Next(), SessionPhase.Opening, boot, server, [server], [.. layers])
        );
    }

    private async Task ConfirmAsync(ConfirmSession command)
    {
        var asker = Sender;
        try
        {
            var row = await _farm.Sessions.ReadAsync(_state.Id);
            var confirmed =
                row is { } r
                && r.Epoch == command.Epoch
                && r.Streamer == command.Server
                && await _farm.Sessions.SwapAsync(r with { Phase = SessionPhase.Open }) is not null;
            asker.Tell(confirmed ? new Reply.Done(PersistenceId, LastSequenceNr) : Overtaken());
        }
        catch (DbException away)
        {
            asker.Tell(
                new Reply.Refused(
                    Refusal.Unavailable,
                    $"{_state.Name}: the farm database does not answer: {away.Message}"
                )
            );
        }
    }

    private SessionGrant Grant(BootTransport transport, bool isNewBoot, LayerId? retired)
    {
        var boot = _state.Boot!;
        return new(_state.Id, boot.Id, boot.Epoch, boot.Image, boot.Cache, isNewBoot, transport, retired);
    }

    private Reply.Refused Overtaken() =>
        new(Refusal.Unavailable, $"{_state.Name}: another server has just opened a newer session");

    private void PersistThen(IReadOnlyList<IDeviceEvent> events, IActorRef asker, Func<Reply> reply)
    {
        if (events.Count == 0)
        {
            asker.Tell(reply());
            return;
        }
        var left = events.Count;
        PersistAll(
            events,
            happened =>
            {
                _state = _state.Apply(happened);
                _farm.View.Apply(PersistenceId, LastSequenceNr, happened);
                if (LastSequenceNr % EventsPerSnapshot == 0)
                    SaveSnapshot(_state);
                if (--left == 0)
                    asker.Tell(reply());
            }
        );
    }
}
