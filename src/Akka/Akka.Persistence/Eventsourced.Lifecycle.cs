using Akka.Actor;
using Akka.Event;

namespace Akka.Persistence;

// Start, restart, stop, and the internal stash.
public abstract partial class Eventsourced
{
    protected internal override bool AroundReceive(Receive receive, object message)
    {
        _onMessage(receive, message);
        return true;
    }

    protected internal override void AroundPreStart()
    {
        StartRecovery();
        base.AroundPreStart();
    }

    protected internal override void AroundPostRestart(Exception cause, object? message)
    {
        StartRecovery();
        base.AroundPostRestart(cause, message);
    }

    protected internal override void AroundPreRestart(Exception cause, object? message)
    {
        StopTimer();
        try
        {
            GiveBackStashes();
        }
        finally
        {
            // Events persisted before the failure are written still: their commands have been taken.
            FlushJournalBatch();
            base.AroundPreRestart(cause, Inner(message));
        }
    }

    protected internal override void AroundPostStop()
    {
        StopTimer();
        try
        {
            GiveBackStashes();
        }
        finally
        {
            base.AroundPostStop();
        }
    }

    protected override void Unhandled(object message)
    {
        switch (message)
        {
            case RecoveryCompleted:
                break;
            case SaveSnapshotFailure failure:
                Log.Warning("Failed to SaveSnapshot {0}: {1}", failure.Metadata, failure.Cause);
                break;
            case DeleteSnapshotFailure failure:
                Log.Warning("Failed to DeleteSnapshot {0}: {1}", failure.Metadata, failure.Cause);
                break;
            case DeleteSnapshotsFailure failure:
                Log.Warning("Failed to DeleteSnapshots of {0}: {1}", PersistenceId, failure.Cause);
                break;
            case DeleteMessagesFailure failure:
                Log.Warning(
                    "Failed to DeleteMessages of {0} up to {1}: {2}",
                    PersistenceId,
                    failure.ToSequenceNr,
                    failure.Cause
                );
                break;
            default:
                base.Unhandled(message);
                break;
        }
    }

    private void GiveBackStashes()
    {
        _internalStash.UnstashAll();
        Stash?.UnstashAll(UnstashFilterPredicate);
    }

    private void UnstashInternally(bool all)
    {
        if (all)
            _internalStash.UnstashAll();
        else
            _internalStash.Unstash();
    }

    private void StashInternally(object message)
    {
        try
        {
            _internalStash.Stash();
        }
        catch (StashOverflowException overflow)
        {
            switch (InternalStashOverflowStrategy)
            {
                case DiscardToDeadLetterStrategy:
                    Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                    break;
                case ReplyToStrategy reply:
                    Sender.Tell(reply.Response);
                    break;
                default:
                    throw new StashOverflowException(overflow.Message, overflow);
            }
        }
    }

    private static object? Inner(object? message) =>
        message switch
        {
            WriteMessageSuccess success => success.Persistent,
            LoopMessageSuccess loop => loop.Message,
            ReplayedMessage replayed => replayed.Persistent,
            _ => message,
        };
}
