using Akka.Actor;
using Akka.Pattern;
using Akka.Persistence.Journal;

namespace Akka.Persistence.Snapshot;

/// <summary>The store side of the snapshot protocol, behind a circuit breaker; a plugin adds reading, writing and deleting.</summary>
public abstract class SnapshotStore : ActorBase
{
    private readonly CircuitBreaker _breaker;
    private readonly bool _publish;

    protected SnapshotStore()
    {
        var extension = Persistence.Instance.Apply(Context.System);
        _breaker = PluginBreaker.Create(Context.System.Scheduler, extension.SnapshotStoreConfigFor(Self.Path.Name));
        _publish = Context.System.Settings.Config.GetBoolean("akka.persistence.publish-plugin-commands");
    }

    /// <summary>The newest snapshot that meets the criteria, or null.</summary>
    protected abstract Task<SelectedSnapshot> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria);

    /// <summary>Stores a snapshot; one with the same sequence number is replaced.</summary>
    protected abstract Task SaveAsync(SnapshotMetadata metadata, object snapshot);

    protected abstract Task DeleteAsync(SnapshotMetadata metadata);

    protected abstract Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria);

    /// <summary>Takes messages of the plugin's own, and what became of saves and deletions.</summary>
    protected virtual bool ReceivePluginInternal(object message) => false;

    protected sealed override bool Receive(object message)
    {
        switch (message)
        {
            case LoadSnapshot load:
                _ = LoadAsync(load, Sender, Self);
                return true;
            case SaveSnapshot save:
                var metadata = new SnapshotMetadata(
                    save.Metadata.PersistenceId,
                    save.Metadata.SequenceNr,
                    save.Metadata.Timestamp == DateTime.MinValue
                        ? TimeProvider.System.GetUtcNow().UtcDateTime
                        : save.Metadata.Timestamp
                );
                _ = AnswerAsync(
                    SaveAndCleanUpAsync(metadata, save.Snapshot),
                    new SaveSnapshotSuccess(metadata),
                    cause => new SaveSnapshotFailure(save.Metadata, cause)
                );
                return true;
            case DeleteSnapshot delete:
                Publish(delete);
                _ = AnswerAsync(
                    _breaker.WithCircuitBreaker(() => DeleteAsync(delete.Metadata)),
                    new DeleteSnapshotSuccess(delete.Metadata),
                    cause => new DeleteSnapshotFailure(delete.Metadata, cause)
                );
                return true;
            case DeleteSnapshots deletes:
                Publish(deletes);
                _ = AnswerAsync(
                    _breaker.WithCircuitBreaker(() => DeleteAsync(deletes.PersistenceId, deletes.Criteria)),
                    new DeleteSnapshotsSuccess(deletes.Criteria),
                    cause => new DeleteSnapshotsFailure(deletes.Criteria, cause)
                );
                return true;
            case Completed completed:
                ReceivePluginInternal(completed.Answer);
                completed.Asker.Tell(completed.Answer, Self);
                return true;
            default:
                return ReceivePluginInternal(message);
        }
    }

    private async Task LoadAsync(LoadSnapshot request, IActorRef asker, IActorRef self)
    {
        try
        {
            var criteria = request.Criteria.Limit(request.ToSequenceNr);
            var found = criteria.Equals(SnapshotSelectionCriteria.None)
                ? null
                : await _breaker
                    .WithCircuitBreaker(() => LoadAsync(request.PersistenceId, criteria))
                    .ConfigureAwait(false);
            asker.Tell(new LoadSnapshotResult(found, request.ToSequenceNr), self);
        }
        catch (Exception e)
        {
            asker.Tell(new LoadSnapshotFailed(PluginBreaker.Unwrap(e)), self);
        }
    }

    private async Task SaveAndCleanUpAsync(SnapshotMetadata metadata, object snapshot)
    {
        try
        {
            await _breaker.WithCircuitBreaker(() => SaveAsync(metadata, snapshot)).ConfigureAwait(false);
        }
        catch
        {
            // It may have been stored all the same: whoever is told that it failed must not be offered it later.
            await _breaker
                .WithCircuitBreaker(() => DeleteAsync(metadata))
                .ContinueWith(static _ => { }, TaskScheduler.Default)
                .ConfigureAwait(false);
            throw;
        }
    }

    // The answer passes through the plugin's own actor first.
    private async Task AnswerAsync(Task work, object success, Func<Exception, object> failure)
    {
        var asker = Sender;
        var self = Self;
        object answer;
        try
        {
            await work.ConfigureAwait(false);
            answer = success;
        }
        catch (Exception e)
        {
            answer = failure(PluginBreaker.Unwrap(e));
        }
        self.Tell(new Completed(answer, asker), self);
    }

    private void Publish(object request)
    {
        if (_publish)
            Context.System.EventStream.Publish(request);
    }

    private sealed record Completed(object Answer, IActorRef Asker) : INoSerializationVerificationNeeded;
}
