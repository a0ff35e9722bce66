using System.Threading.Channels;
using Akka.Actor;

namespace Akka.Persistence.Tests.Support;

public sealed record Add(string Item);

public sealed record AddAll(params string[] Items);

public sealed record AddAsync(params string[] Items);

public sealed record AddPoison;

public sealed record GetItems;

public sealed record GetNumbers;

public sealed record Numbers(long LastSequenceNr, int Count);

public sealed record TakeSnapshot;

public sealed record DeleteUpTo(long SequenceNr);

public sealed record Crash;

/// <summary>Keeps a list of items; tells what happens to it, in order, on a channel.</summary>
public class Ledger : ReceivePersistentActor
{
    private readonly List<string> _items = [];
    private readonly ChannelWriter<string>? _told;
    private readonly Recovery _recovery;
    private IActorRef _asker = ActorRefs.Nobody;

    public Ledger(string persistenceId, ChannelWriter<string>? told = null, Recovery? recovery = null)
    {
        PersistenceId = persistenceId;
        _told = told;
        _recovery = recovery ?? Recovery.Default;

        Recover<Added>(e => _items.Add(e.Item));
        Recover<SnapshotOffer>(offer =>
        {
            Tell($"offer {offer.Metadata.SequenceNr}");
            _items.AddRange(((Items)offer.Snapshot).All);
        });
        Recover<RecoveryCompleted>(_ => Tell("recovered"));

        Command<Add>(add => Persist(new Added(add.Item), Apply));
        Command<AddAll>(add => PersistAll(add.Items.Select(i => new Added(i)), Apply));
        Command<AddAsync>(add =>
        {
            foreach (var item in add.Items)
                PersistAsync(new Added(item), Apply);
        });
        Command<AddPoison>(_ => Persist(new Poison("poison"), e => Tell($"stored {e.Item}")));
        Command<GetItems>(_ => Sender.Tell(new Items([.. _items])));
        Command<GetNumbers>(_ => Sender.Tell(new Numbers(LastSequenceNr, _items.Count)));
        Command<Crash>(_ => throw new InvalidOperationException("asked to crash"));
        Command<TakeSnapshot>(_ =>
        {
            _asker = Sender;
            SaveSnapshot(new Items([.. _items]));
        });
        Command<DeleteUpTo>(delete =>
        {
            _asker = Sender;
            DeleteMessages(delete.SequenceNr);
        });
        Command<SnapshotSelectionCriteria>(criteria =>
        {
            _asker = Sender;
            DeleteSnapshots(criteria);
        });
        Command<SaveSnapshotSuccess>(m => _asker.Tell(m));
        Command<SaveSnapshotFailure>(m => _asker.Tell(m));
        Command<DeleteMessagesSuccess>(m => _asker.Tell(m));
        Command<DeleteSnapshotsSuccess>(m => _asker.Tell(m));
    }

    public override string PersistenceId { get; }

    public override Recovery Recovery => _recovery;

    public static Props Props(string id, ChannelWriter<string>? told = null, Recovery? recovery = null) =>
        Akka.Actor.Props.Create(() => new Ledger(id, told, recovery));

    protected void Tell(string what) => _told?.TryWrite(what);

    protected void Apply(Added e)
    {
        _items.Add(e.Item);
        Tell($"stored {e.Item}");
        Sender.Tell(LastSequenceNr);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Tell($"failed {sequenceNr}: {cause.Message}");

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Tell($"rejected {sequenceNr}: {cause.Message}");
        Sender.Tell(-1L);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Tell($"recovery failed: {reason.GetType().Name}: {reason.Message}");

    protected override void PostStop() => Tell("stopped");
}
