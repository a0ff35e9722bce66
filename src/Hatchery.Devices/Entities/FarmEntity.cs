using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace Hatchery.Devices;

/// <summary>A state that events make.</summary>
public interface IFarmState<TSelf, in TEvent>
{
    TSelf Apply(TEvent happened);
}

/// <summary>
/// A persistent entity of the farm: its state is what its events make; an answer goes out when they are persisted and the farm
/// view of this server shows them.
/// </summary>
public abstract class FarmEntity<TState, TEvent> : ReceivePersistentActor
    where TState : IFarmState<TState, TEvent>
{
    private const int EventsPerSnapshot = 200;

    protected FarmEntity(string persistenceId, TState unknown, FarmServices farm)
    {
        (PersistenceId, State, Farm) = (persistenceId, unknown, farm);

        Recover<SnapshotOffer>(offer => State = (TState)offer.Snapshot);
        Recover<TEvent>(happened => State = State.Apply(happened));
        Recover<RecoveryCompleted>(_ => Changed());

        Command<EntityStop>(_ => Context.Stop(Self));
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed =>
            Context.System.Log.Warning(failed.Cause, "{0}: no snapshot", PersistenceId)
        );
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public override string PersistenceId { get; }

    protected TState State { get; private set; }

    protected FarmServices Farm { get; }

    /// <summary>The state is another one, or was just read.</summary>
    protected virtual void Changed() { }

    /// <summary>Persists what was decided, then answers; without events it answers at once.</summary>
    protected void Answer(Decision<TEvent> decision, IActorRef asker, Func<Reply> reply)
    {
        if (IsRefusedInDoubt(asker))
            return;
        if (decision.Refused is { } refused)
        {
            asker.Tell(refused);
            return;
        }
        if (decision.Events.Count == 0)
        {
            asker.Tell(reply());
            return;
        }
        var left = decision.Events.Count;
        PersistAll(
            decision.Events,
            happened =>
            {
                State = State.Apply(happened);
                Farm.View.Apply(PersistenceId, LastSequenceNr, happened!);
                if (LastSequenceNr % EventsPerSnapshot == 0)
                    SaveSnapshot(State);
                if (--left > 0)
                    return;
                Changed();
                asker.Tell(reply());
            }
        );
    }

    /// <summary>True when the asker was told that this server must not decide now: another may have this entity.</summary>
    protected bool IsRefusedInDoubt(IActorRef asker)
    {
        if (Farm.Standstill?.IsInDoubt != true)
            return false;
        asker.Tell(
            new Reply.Refused(
                Refusal.Unavailable,
                "this server stood still, and others may have taken its place: try again in some seconds"
            )
        );
        return true;
    }
}
