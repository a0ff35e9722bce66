using Akka.Actor;
using Akka.Persistence.Journal;

namespace Akka.Persistence.Sql.Journal;

/// <summary>Events to rows and back. The event itself is stored, not its envelope.</summary>
internal sealed class EventRows(PayloadSerializer serializer, string? writerUuid = null)
{
    private const int TagLengthMax = 64;

    /// <exception cref="ArgumentException">A tag does not fit its column.</exception>
    public List<JournalRow> Rows(AtomicWrite write)
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        return [.. write.Events.Select(e => Row(e, now))];
    }

    public IPersistentRepresentation Event(JournalRow row) =>
        new Persistent(
            serializer.Deserialize(row.Message, row.SerializerId, row.Manifest),
            row.SequenceNumber,
            row.PersistenceId,
            row.Manifest,
            isDeleted: false,
            ActorRefs.NoSender,
            row.WriterUuid,
            row.Created
        );

    private JournalRow Row(IPersistentRepresentation e, long now)
    {
        var (payload, tags) = e.Payload is Tagged tagged
            ? (tagged.Payload, (IReadOnlyCollection<string>)tagged.Tags)
            : (e.Payload, []);
        if (tags.FirstOrDefault(t => t.Length > TagLengthMax) is { } tooLong)
            throw new ArgumentException($"Tag '{tooLong}' is longer than {TagLengthMax} characters.", nameof(e));
        var serialized = serializer.Serialize(payload);
        return new(
            Ordering: 0,
            e.PersistenceId,
            e.SequenceNr,
            e.Timestamp == 0 ? now : e.Timestamp,
            serialized.Bytes,
            serialized.SerializerId,
            serialized.Manifest,
            writerUuid,
            tags
        );
    }
}
