namespace Akka.Persistence.Sql.Journal;

/// <summary>One row of the journal table with its rows of the tag table.</summary>
internal sealed record JournalRow(
    long Ordering,
    string PersistenceId,
    long SequenceNumber,
    long Created,
    byte[] Message,
    int? SerializerId,
    string? Manifest,
    string? WriterUuid,
    IReadOnlyCollection<string> Tags
);
