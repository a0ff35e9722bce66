using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Persistence;

// Processing commands, and waiting for the journal's answers.
public abstract partial class Eventsourced
{
    /// <summary>Runs an asynchronous handler; the actor takes no other message until it has ended.</summary>
    /// <exception cref="NotSupportedException">Another such handler is running.</exception>
    protected void RunTask(Func<Task> action)
    {
        if (_asyncTaskRunning)
            throw new NotSupportedException("An asynchronous handler cannot start another one.");
        _asyncTaskRunning = true;
        ActorTaskScheduler.RunTask(async () =>
        {
            var failed = true;
            try
            {
                await action();
                failed = false;
            }
            finally
            {
                _asyncTaskRunning = false;
                // A handler that ended without having waited is still inside its command, whose end does the rest.
                if (!_inCommand)
                    AfterCommand(failed);
            }
        });
    }

    private void WhileProcessing(Receive receive, object message)
    {
        if (TakeAnswer(message, unstashAll => UnstashInternally(unstashAll)))
            return;
        var failed = true;
        _inCommand = true;
        try
        {
            base.AroundReceive(receive, message);
            failed = false;
        }
        finally
        {
            _inCommand = false;
            AfterCommand(failed);
        }
    }

    private void WhilePersisting(Receive receive, object message)
    {
        if (!TakeAnswer(message, LeaveWhenNothingStashes))
            StashInternally(message);
    }

    // Handlers of PersistAsync may still be pending then; they do not hold up commands.
    private void LeaveWhenNothingStashes(bool unstashAll)
    {
        if (_pendingStashing > 0)
            return;
        _onMessage = WhileProcessing;
        UnstashInternally(unstashAll);
    }

    private void AfterCommand(bool failed)
    {
        FlushBatch();
        if (_asyncTaskRunning)
            return;
        if (_pendingStashing > 0)
            _onMessage = WhilePersisting;
        else
            UnstashInternally(failed);
    }

    private void FlushBatch()
    {
        _journalBatch.AddRange(_eventBatch);
        _eventBatch.Clear();
        FlushJournalBatch();
    }

    // One write at a time: what is persisted meanwhile goes out together with the next one.
    private void FlushJournalBatch()
    {
        if (_writeInProgress || _journalBatch.Count == 0)
            return;
        var batch = _journalBatch;
        _journalBatch = [];
        _writeInProgress = true;
        Journal.Tell(new WriteMessages(batch, Self, _instanceId), Self);
    }

    /// <summary>Takes what the journal answers; an answer to an incarnation before a restart is dropped.</summary>
    private bool TakeAnswer(object message, Action<bool> afterHandler)
    {
        switch (message)
        {
            case WriteMessageSuccess success:
                if (success.ActorInstanceId == _instanceId)
                {
                    LastSequenceNr = Math.Max(LastSequenceNr, success.Persistent.SequenceNr);
                    RunHandler(success.Persistent.Payload, afterHandler);
                }
                return true;
            case LoopMessageSuccess loop:
                if (loop.ActorInstanceId == _instanceId)
                    RunHandler(loop.Message, afterHandler);
                return true;
            case WriteMessageRejected rejected:
                if (rejected.ActorInstanceId == _instanceId)
                {
                    LastSequenceNr = Math.Max(LastSequenceNr, rejected.Persistent.SequenceNr);
                    PopInvocation();
                    afterHandler(false);
                    OnPersistRejected(rejected.Cause, rejected.Persistent.Payload, rejected.Persistent.SequenceNr);
                }
                return true;
            case WriteMessageFailure failure:
                if (failure.ActorInstanceId == _instanceId)
                    FailPersist(failure);
                return true;
            case WriteMessagesSuccessful:
                _writeInProgress = false;
                FlushJournalBatch();
                return true;
            // The failure of its first event is about to stop the actor: nothing may be written behind the gap.
            case WriteMessagesFailed:
            case RecoveryTick:
                return true;
            default:
                return false;
        }
    }

    private void RunHandler(object @event, Action<bool> afterHandler)
    {
        // It counts as pending while its handler runs, so that a DeferAsync in there keeps its turn.
        var handler = _pending.Peek().Handler;
        var failed = true;
        try
        {
            handler(@event);
            FlushBatch();
            failed = false;
        }
        finally
        {
            PopInvocation();
            afterHandler(failed);
        }
    }

    private void PopInvocation()
    {
        if (_pending.Dequeue().Stashing)
            _pendingStashing--;
    }

    private void FailPersist(WriteMessageFailure failure)
    {
        try
        {
            OnPersistFailure(failure.Cause, failure.Persistent.Payload, failure.Persistent.SequenceNr);
        }
        finally
        {
            Context.Stop(Self);
        }
    }
}
