using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Persistence.Journal;

/// <summary>Puts event adapters between persistent actors and a journal.</summary>
public abstract class WriteJournalBase : ActorBase
{
    private readonly Lazy<EventAdapters> _adapters;

    protected WriteJournalBase()
    {
        // A plugin's actor is named after its configuration path.
        var extension = Persistence.Instance.Apply(Context.System);
        var pluginId = Self.Path.Name;
        _adapters = new(() => extension.AdaptersFor(pluginId));
    }

    protected IEnumerable<AtomicWrite> PreparePersistentBatch(IEnumerable<IPersistentEnvelope> resequenceables) =>
        resequenceables
            .OfType<AtomicWrite>()
            .Select(write => new AtomicWrite(
                write
                    .Events.Select(e =>
                        AdaptToJournal(
                            e.Update(e.SequenceNr, e.PersistenceId, e.IsDeleted, ActorRefs.NoSender, e.WriterGuid)
                        )
                    )
                    .ToImmutableArray()
            ));

    protected IPersistentRepresentation AdaptToJournal(IPersistentRepresentation representation)
    {
        var adapter = _adapters.Value.Get(representation.Payload.GetType());
        var adapted = representation.WithPayload(adapter.ToJournal(representation.Payload));
        var manifest = adapter.Manifest(representation.Payload);
        return string.IsNullOrEmpty(manifest) ? adapted : adapted.WithManifest(manifest);
    }

    protected IEnumerable<IPersistentRepresentation> AdaptFromJournal(IPersistentRepresentation representation) =>
        _adapters
            .Value.Get(representation.Payload.GetType())
            .FromJournal(representation.Payload, representation.Manifest)
            .Events.Select(representation.WithPayload);
}
