using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Persistence;

/// <summary>
/// An actor whose state is rebuilt from its stored events. While events of <see cref="Persist{TEvent}"/> are under way, commands
/// wait in an internal stash; handlers run in the order of the events.
/// </summary>
public abstract partial class Eventsourced : ActorBase, IPersistentIdentity, IPersistenceStash, IPersistenceRecovery
{
    /// <summary>Keeps the plugins' answers out of what a restarting actor gives back to its mailbox.</summary>
    public static readonly Func<Envelope, bool> UnstashFilterPredicate = envelope =>
        envelope.Message is not (WriteMessageSuccess or ReplayedMessage);

    private static int s_instances;

    private readonly int _instanceId = Interlocked.Increment(ref s_instances);
    private readonly string _writerGuid = Guid.NewGuid().ToString("D");
    private readonly Queue<PendingInvocation> _pending = new();
    private readonly IStash _internalStash;
    private readonly PersistenceExtension _extension;
    private List<IPersistentEnvelope> _eventBatch = [];
    private List<IPersistentEnvelope> _journalBatch = [];
    private ILoggingAdapter? _log;
    private IActorRef? _journal;
    private IActorRef? _snapshotStore;
    private Action<Receive, object> _onMessage;
    private long _sequenceNr;
    private int _pendingStashing;
    private bool _writeInProgress;
    private bool _inCommand;
    private bool _asyncTaskRunning;

    protected Eventsourced()
    {
        _extension = Akka.Persistence.Persistence.Instance.Apply(Context.System);
        _internalStash = new MailboxStash(Cell, Cell.StashCapacity);
        _onMessage = WhileWaitingForPermit;
    }

    public abstract string PersistenceId { get; }

    /// <summary>HOCON path of the journal; empty for the default one.</summary>
    public string JournalPluginId { get; protected set; } = string.Empty;

    /// <summary>HOCON path of the snapshot store; empty for the default one.</summary>
    public string SnapshotPluginId { get; protected set; } = string.Empty;

    public virtual Recovery Recovery => Recovery.Default;

    public virtual IStashOverflowStrategy InternalStashOverflowStrategy =>
        Extension.DefaultInternalStashOverflowStrategy;

    public IStash Stash { get; set; } = null!;

    public IActorRef Journal => _journal ??= Extension.JournalFor(JournalPluginId);

    public IActorRef SnapshotStore => _snapshotStore ??= Extension.SnapshotStoreFor(SnapshotPluginId);

    public string SnapshotterId => PersistenceId;

    /// <summary>Sequence number of the last event this actor has seen.</summary>
    public long LastSequenceNr { get; private set; }

    public long SnapshotSequenceNr => LastSequenceNr;

    public bool IsRecovering { get; private set; } = true;

    public bool IsRecoveryFinished => !IsRecovering;

    protected virtual ILoggingAdapter Log => _log ??= Context.GetLogger();

    protected PersistenceExtension Extension => _extension;

    protected abstract bool ReceiveRecover(object message);

    protected abstract bool ReceiveCommand(object message);

    /// <summary>Stores an event, then runs the handler; commands wait until it has run.</summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void Persist<TEvent>(TEvent @event, Action<TEvent> handler) => Enqueue([@event], handler, stashing: true);

    /// <summary>Stores events as one atomic write, then runs the handler for each of them; commands wait until then.</summary>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) =>
        Enqueue(events, handler, stashing: true);

    /// <summary>Stores an event and runs the handler some time later; commands do not wait.</summary>
    public void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler) =>
        Enqueue([@event], handler, stashing: false);

    public void PersistAllAsync<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) =>
        Enqueue(events, handler, stashing: false);

    /// <summary>Runs the handler in its turn behind the events persisted so far, storing nothing; at once when none is pending.</summary>
    public void DeferAsync<TEvent>(TEvent evt, Action<TEvent> handler)
    {
        EnsureNotRecovering();
        if (_pending.Count == 0)
        {
            handler(evt);
            return;
        }
        _pending.Enqueue(new(e => handler((TEvent)e), Stashing: false));
        _eventBatch.Add(new NonPersistentMessage(evt!, Sender));
    }

    /// <summary>
    /// Deletes events up to a sequence number, inclusive; the actor is told <see cref="DeleteMessagesSuccess"/> or
    /// <see cref="DeleteMessagesFailure"/>.
    /// </summary>
    public void DeleteMessages(long toSequenceNr)
    {
        if (toSequenceNr == long.MaxValue || toSequenceNr <= LastSequenceNr)
            Journal.Tell(new DeleteMessagesTo(PersistenceId, toSequenceNr, Self), Self);
        else
            Self.Tell(
                new DeleteMessagesFailure(
                    new ArgumentOutOfRangeException(
                        nameof(toSequenceNr),
                        toSequenceNr,
                        $"There are events of {PersistenceId} up to {LastSequenceNr} only."
                    ),
                    toSequenceNr
                ),
                Self
            );
    }

    public void LoadSnapshot(string persistenceId, SnapshotSelectionCriteria criteria, long toSequenceNr) =>
        SnapshotStore.Tell(new LoadSnapshot(persistenceId, criteria, toSequenceNr), Self);

    /// <summary>Stores a snapshot; the actor is told <see cref="SaveSnapshotSuccess"/> or <see cref="SaveSnapshotFailure"/>.</summary>
    public void SaveSnapshot(object snapshot) =>
        SnapshotStore.Tell(new SaveSnapshot(new SnapshotMetadata(SnapshotterId, SnapshotSequenceNr), snapshot), Self);

    public void DeleteSnapshot(long sequenceNr) =>
        SnapshotStore.Tell(new DeleteSnapshot(new SnapshotMetadata(SnapshotterId, sequenceNr)), Self);

    public void DeleteSnapshots(SnapshotSelectionCriteria criteria) =>
        SnapshotStore.Tell(new DeleteSnapshots(SnapshotterId, criteria), Self);

    /// <summary>The snapshot or an event could not be had or applied; the actor stops afterwards.</summary>
    protected virtual void OnRecoveryFailure(Exception reason, object? message = null)
    {
        if (message is null)
            Log.Error(reason, "Recovery of {0} failed after sequence number {1}", PersistenceId, LastSequenceNr);
        else
            Log.Error(
                reason,
                "Recovery of {0} failed at sequence number {1}, event {2}",
                PersistenceId,
                LastSequenceNr,
                message.GetType()
            );
    }

    /// <summary>It is unknown whether the event was stored; the actor stops afterwards.</summary>
    protected virtual void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error(
            cause,
            "Event {0} with sequence number {1} of {2} was not persisted; the actor stops",
            @event.GetType(),
            sequenceNr,
            PersistenceId
        );

    /// <summary>The journal refused the event before storing it; the actor goes on, the handler is not run.</summary>
    protected virtual void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Log.Error(
            cause,
            "The journal rejected event {0} with sequence number {1} of {2}",
            @event.GetType(),
            sequenceNr,
            PersistenceId
        );

    /// <summary>Every stored event was replayed; <see cref="RecoveryCompleted"/> follows.</summary>
    protected virtual void OnReplaySuccess() { }

    private void Enqueue<TEvent>(IEnumerable<TEvent>? events, Action<TEvent> handler, bool stashing)
    {
        EnsureNotRecovering();
        if (events is null)
            return;
        var write = ImmutableArray.CreateBuilder<IPersistentRepresentation>();
        foreach (var @event in events)
        {
            _pending.Enqueue(new(e => handler((TEvent)e), stashing));
            if (stashing)
                _pendingStashing++;
            write.Add(new Persistent(@event!, ++_sequenceNr, PersistenceId, sender: Sender, writerGuid: _writerGuid));
        }
        if (write.Count > 0)
            _eventBatch.Add(new AtomicWrite(write.ToImmutable()));
    }

    private void EnsureNotRecovering()
    {
        if (IsRecovering)
            throw new InvalidOperationException(
                "Events cannot be persisted during replay; RecoveryCompleted is the first message that may."
            );
    }
}
