using Akka.Actor;
using Akka.Event;

namespace Akka.Persistence;

// From the permit by way of the snapshot and the events to RecoveryCompleted.
public abstract partial class Eventsourced
{
    private ICancelable? _recoveryTimer;
    private TimeSpan _recoveryEventTimeout;
    private long _replayMax;
    private bool _eventSeen;

    private void StartRecovery()
    {
        if (PersistenceId is null)
            throw new ActorInitializationException(Self, $"PersistenceId is [null] for PersistentActor [{Self.Path}]");
        // A missing plugin is told here, before anything else can be lost.
        _ = Journal;
        _ = SnapshotStore;
        _recoveryEventTimeout = Extension
            .JournalConfigFor(JournalPluginId)
            .GetTimeSpan("recovery-event-timeout", null, allowInfinite: false);
        IsRecovering = true;
        _onMessage = WhileWaitingForPermit;
        Extension.RecoveryPermitter.Tell(RequestRecoveryPermit.Instance, Self);
    }

    private void WhileWaitingForPermit(Receive receive, object message)
    {
        if (message is RecoveryPermitGranted)
            LoadOwnSnapshot();
        else
            StashInternally(message);
    }

    private void LoadOwnSnapshot()
    {
        var recovery = Recovery;
        _replayMax = recovery.ReplayMax;
        _onMessage = WhileLoadingSnapshot;
        _recoveryTimer = Context.System.Scheduler.ScheduleTellOnceCancelable(
            _recoveryEventTimeout,
            Self,
            new RecoveryTick(_instanceId, snapshot: true),
            Self
        );
        LoadSnapshot(SnapshotterId, recovery.FromSnapshot, recovery.ToSequenceNr);
    }

    private void WhileLoadingSnapshot(Receive receive, object message)
    {
        switch (message)
        {
            case LoadSnapshotResult result:
                StopTimer();
                if (result.Snapshot is null || Offer(result.Snapshot))
                    StartReplay(result.ToSequenceNr);
                break;
            case LoadSnapshotFailed failed:
                StopTimer();
                if (Extension.SnapshotStoreConfigFor(SnapshotPluginId).GetBoolean("snapshot-is-optional"))
                {
                    Log.Info(failed.Cause, "The snapshot of {0} cannot be read; replaying all events", PersistenceId);
                    StartReplay(Recovery.ToSequenceNr);
                }
                else
                    FailRecovery(failed.Cause);
                break;
            case RecoveryTick tick:
                if (tick.InstanceId == _instanceId && tick.Snapshot)
                    FailRecovery(TimedOut("no snapshot"));
                break;
            default:
                StashInternally(message);
                break;
        }
    }

    private bool Offer(SelectedSnapshot snapshot)
    {
        LastSequenceNr = _sequenceNr = snapshot.Metadata.SequenceNr;
        return ApplyRecovered(new SnapshotOffer(snapshot.Metadata, snapshot.Snapshot));
    }

    private void StartReplay(long toSequenceNr)
    {
        _eventSeen = false;
        _onMessage = WhileReplaying;
        _recoveryTimer = Context.System.Scheduler.ScheduleTellRepeatedlyCancelable(
            _recoveryEventTimeout,
            _recoveryEventTimeout,
            Self,
            new RecoveryTick(_instanceId, snapshot: false),
            Self
        );
        Journal.Tell(new ReplayMessages(LastSequenceNr + 1L, toSequenceNr, _replayMax, PersistenceId, Self), Self);
    }

    private void WhileReplaying(Receive receive, object message)
    {
        switch (message)
        {
            case ReplayedMessage replayed:
                _eventSeen = true;
                LastSequenceNr = Math.Max(LastSequenceNr, replayed.Persistent.SequenceNr);
                ApplyRecovered(replayed.Persistent.Payload);
                break;
            case RecoverySuccess success:
                CompleteRecovery(success.HighestSequenceNr);
                break;
            case ReplayMessagesFailure failure:
                FailRecovery(failure.Cause);
                break;
            case RecoveryTick tick:
                if (tick.InstanceId == _instanceId && !tick.Snapshot)
                {
                    if (!_eventSeen)
                        FailRecovery(TimedOut("no event"));
                    _eventSeen = false;
                }
                break;
            default:
                StashInternally(message);
                break;
        }
    }

    private void CompleteRecovery(long highestSequenceNr)
    {
        StopTimer();
        OnReplaySuccess();
        LastSequenceNr = _sequenceNr = Math.Max(highestSequenceNr, LastSequenceNr);
        IsRecovering = false;
        Extension.RecoveryPermitter.Tell(ReturnRecoveryPermit.Instance, Self);
        try
        {
            base.AroundReceive(ReceiveRecover, RecoveryCompleted.Instance);
        }
        finally
        {
            EndRecovery();
        }
    }

    // The handler of RecoveryCompleted may have persisted events already.
    private void EndRecovery()
    {
        FlushBatch();
        if (_pendingStashing > 0)
        {
            _onMessage = WhilePersisting;
            return;
        }
        _onMessage = WhileProcessing;
        _internalStash.UnstashAll();
    }

    private bool ApplyRecovered(object message)
    {
        try
        {
            base.AroundReceive(ReceiveRecover, message);
            return true;
        }
        catch (Exception cause)
        {
            FailRecovery(cause, message);
            return false;
        }
    }

    private void FailRecovery(Exception cause, object? message = null)
    {
        StopTimer();
        try
        {
            OnRecoveryFailure(cause, message);
        }
        finally
        {
            _onMessage = static (_, _) => { };
            Extension.RecoveryPermitter.Tell(ReturnRecoveryPermit.Instance, Self);
            Context.Stop(Self);
        }
    }

    private RecoveryTimedOutException TimedOut(string missing) =>
        new($"Recovery of '{PersistenceId}' timed out: {missing} within {_recoveryEventTimeout}.");

    private void StopTimer()
    {
        _recoveryTimer?.Cancel();
        _recoveryTimer = null;
    }
}
