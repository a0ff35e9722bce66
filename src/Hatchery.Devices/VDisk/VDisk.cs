using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A vDisk: decides by <see cref="VDiskRules"/>, persists, then replies.</summary>
public sealed class VDisk : ReceivePersistentActor
{
    private const int EventsPerSnapshot = 200;

    private readonly FarmServices _farm;
    private VDiskState _state;

    public VDisk(VDiskId id, FarmServices farm)
    {
        _farm = farm;
        _state = VDiskState.Unknown(id);
        PersistenceId = PersistenceIds.Of(id);

        Recover<SnapshotOffer>(offer => _state = (VDiskState)offer.Snapshot);
        Recover<IVDiskEvent>(happened => _state = _state.Apply(happened));

        Command<IVDiskCommand>(Decide);
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed =>
            Context.System.Log.Warning(failed.Cause, "{0}: no snapshot", PersistenceId)
        );
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public override string PersistenceId { get; }

    public static Props Props(VDiskId id, FarmServices farm) => Akka.Actor.Props.Create(() => new VDisk(id, farm));

    private void Decide(IVDiskCommand command)
    {
        var decision = VDiskRules.Decide(_state, command, _farm.Time.GetUtcNow());
        var asker = Sender;
        if (decision.Refused is { } refused)
        {
            asker.Tell(refused);
            return;
        }
        if (decision.Events.Count == 0)
        {
            asker.Tell(Answer(command));
            return;
        }
        var left = decision.Events.Count;
        PersistAll(
            decision.Events,
            happened =>
            {
                _state = _state.Apply(happened);
                _farm.View.Apply(PersistenceId, LastSequenceNr, happened);
                if (LastSequenceNr % EventsPerSnapshot == 0)
                    SaveSnapshot(_state);
                if (--left == 0)
                    asker.Tell(Answer(command));
            }
        );
    }

    private Reply Answer(IVDiskCommand command) =>
        command is TakeVersion && _state.Production is { } version
            ? new VersionGrant(_state.Id, version)
            : new Reply.Done(PersistenceId, LastSequenceNr);
}
