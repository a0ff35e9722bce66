using System.Collections.Immutable;
using Akka.Actor;
using Akka.Pattern;

namespace Akka.Persistence.Journal;

/// <summary>Reads what a journal has stored.</summary>
public interface IAsyncRecovery
{
    /// <summary>Hands stored events to the callback, in order, deleted ones left out.</summary>
    Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    );

    /// <summary>The highest sequence number ever stored, of deleted events too; 0 when there was none.</summary>
    Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr);
}

/// <summary>The journal side of the protocol, behind a circuit breaker; a plugin adds reading, writing and deleting.</summary>
public abstract class AsyncWriteJournal : WriteJournalBase, IAsyncRecovery
{
    /// <summary>Whether delete requests also go to the event stream.</summary>
    protected readonly bool CanPublish;

    private readonly CircuitBreaker _breaker;
    private readonly ReplayFilterSettings _replayFilter;

    protected AsyncWriteJournal()
    {
        var config = Persistence.Instance.Apply(Context.System).JournalConfigFor(Self.Path.Name);
        _breaker = PluginBreaker.Create(Context.System.Scheduler, config);
        _replayFilter = ReplayFilterSettings.Read(config);
        CanPublish = Context.System.Settings.Config.GetBoolean("akka.persistence.publish-plugin-commands");
    }

    public abstract Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    );

    public abstract Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr);

    /// <summary>
    /// Stores each atomic write whole or not at all. A list names, for each of them, why it was rejected, or null; no list
    /// means that all were stored. An exception means that it is unknown what was.
    /// </summary>
    protected abstract Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages);

    protected abstract Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr);

    /// <summary>Takes messages of the plugin's own.</summary>
    protected virtual bool ReceivePluginInternal(object message) => false;

    protected sealed override bool Receive(object message) =>
        ReceiveWriteJournal(message) || ReceivePluginInternal(message);

    protected bool ReceiveWriteJournal(object message)
    {
        switch (message)
        {
            case WriteMessages write:
                _ = WriteAsync(write, Self);
                return true;
            case ReplayMessages replay:
                _ = ReplayAsync(replay, Context, ReplayTarget(replay.PersistentActor));
                return true;
            case DeleteMessagesTo delete:
                _ = DeleteAsync(delete, Self, Context.System);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What an exception of several layers is about.</summary>
    protected static Exception TryUnwrapException(Exception e) => PluginBreaker.Unwrap(e);

    private async Task WriteAsync(WriteMessages request, IActorRef self)
    {
        var envelopes = request.Messages as IReadOnlyList<IPersistentEnvelope> ?? [.. request.Messages];
        var writes = envelopes.OfType<AtomicWrite>().Count();
        IImmutableList<Exception>? rejections = null;
        Exception? failure = null;
        if (writes > 0)
        {
            AtomicWrite[]? prepared = null;
            try
            {
                prepared = [.. PreparePersistentBatch(envelopes)];
            }
            catch (Exception e)
            {
                // Nothing has reached the journal, so the events are refused, not lost.
                rejections = Enumerable.Repeat(e, writes).ToImmutableArray();
            }
            try
            {
                if (prepared is not null)
                    rejections = await _breaker
                        .WithCircuitBreaker(() => WriteMessagesAsync(prepared))
                        .ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = TryUnwrapException(e);
            }
            if (rejections is { Count: > 0 } && rejections.Count != writes)
            {
                failure = new InvalidOperationException(
                    $"The journal answered {rejections.Count} results to {writes} atomic writes."
                );
            }
        }
        Answer(request, envelopes, writes, rejections, failure, self);
    }

    private static void Answer(
        WriteMessages request,
        IReadOnlyList<IPersistentEnvelope> envelopes,
        int writes,
        IImmutableList<Exception>? rejections,
        Exception? failure,
        IActorRef self
    )
    {
        var actor = request.PersistentActor;
        var id = request.ActorInstanceId;
        actor.Tell(failure is null ? WriteMessagesSuccessful.Instance : new WriteMessagesFailed(failure, writes), self);
        var index = 0;
        foreach (var envelope in envelopes)
        {
            if (envelope is not AtomicWrite write)
            {
                actor.Tell(new LoopMessageSuccess(envelope.Payload, id), envelope.Sender);
                continue;
            }
            var rejection = rejections is { Count: > 0 } && failure is null ? rejections[index] : null;
            index++;
            foreach (var e in write.Events)
            {
                object answer =
                    failure is not null ? new WriteMessageFailure(e, failure, id)
                    : rejection is not null ? new WriteMessageRejected(e, rejection, id)
                    : new WriteMessageSuccess(e, id);
                actor.Tell(answer, e.Sender);
            }
        }
    }

    private IActorRef ReplayTarget(IActorRef persistentActor) =>
        _replayFilter.Mode == ReplayFilterMode.Disabled
            ? persistentActor
            : Context.ActorOf(
                ReplayFilter.Props(
                    persistentActor,
                    _replayFilter.Mode,
                    _replayFilter.WindowSize,
                    _replayFilter.MaxOldWriters,
                    _replayFilter.Debug
                )
            );

    private async Task ReplayAsync(ReplayMessages request, IActorContext context, IActorRef target)
    {
        try
        {
            var from = Math.Max(0L, request.FromSequenceNr - 1);
            var highest = await _breaker
                .WithCircuitBreaker(() => ReadHighestSequenceNrAsync(request.PersistenceId, from))
                .ConfigureAwait(false);
            var to = Math.Min(request.ToSequenceNr, highest);
            if (to > 0 && request.FromSequenceNr <= to && request.Max > 0)
            {
                await ReplayMessagesAsync(
                        context,
                        request.PersistenceId,
                        request.FromSequenceNr,
                        to,
                        request.Max,
                        stored =>
                        {
                            foreach (var adapted in AdaptFromJournal(stored))
                                target.Tell(new ReplayedMessage(adapted), ActorRefs.NoSender);
                        }
                    )
                    .ConfigureAwait(false);
            }
            target.Tell(new RecoverySuccess(highest), ActorRefs.NoSender);
        }
        catch (Exception e)
        {
            target.Tell(new ReplayMessagesFailure(TryUnwrapException(e)), ActorRefs.NoSender);
        }
    }

    private async Task DeleteAsync(DeleteMessagesTo request, IActorRef self, ActorSystem system)
    {
        try
        {
            await _breaker
                .WithCircuitBreaker(() => DeleteMessagesToAsync(request.PersistenceId, request.ToSequenceNr))
                .ConfigureAwait(false);
            request.PersistentActor.Tell(new DeleteMessagesSuccess(request.ToSequenceNr), self);
        }
        catch (Exception e)
        {
            request.PersistentActor.Tell(new DeleteMessagesFailure(TryUnwrapException(e), request.ToSequenceNr), self);
        }
        if (CanPublish)
            system.EventStream.Publish(request);
    }
}
