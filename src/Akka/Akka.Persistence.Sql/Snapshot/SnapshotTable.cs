using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Snapshot;

internal sealed record SnapshotRow(
    long SequenceNumber,
    long Created,
    byte[] Snapshot,
    int? SerializerId,
    string? Manifest
);

/// <summary>Reads, writes and deletions of the snapshot table.</summary>
internal sealed class SnapshotTable(SqlDatabase database)
{
    private const string Matches = """
        persistence_id = @id AND sequence_number >= @minNr AND sequence_number <= @maxNr
          AND created >= @minTime AND created <= @maxTime
        """;

    public Task<SnapshotRow?> NewestAsync(string persistenceId, SnapshotSelectionCriteria criteria) =>
        database.ReadAsync(async connection =>
        {
            await using var command = connection.Command(
                $"""
                SELECT sequence_number, created, snapshot, serializer_id, manifest FROM snapshot
                WHERE {Matches} ORDER BY sequence_number DESC LIMIT 1
                """,
                transaction: null,
                Bounds(persistenceId, criteria)
            );
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            if (!await reader.ReadAsync().ConfigureAwait(false))
                return null;
            return new SnapshotRow(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.IsDBNull(2) ? [] : reader.GetFieldValue<byte[]>(2),
                reader.NumberOrNull(3),
                reader.TextOrNull(4)
            );
        });

    public Task SaveAsync(string persistenceId, SnapshotRow row) =>
        database.WriteAsync(
            (c, t) =>
                c.ExecuteAsync(
                    """
                    INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id)
                    VALUES (@id, @nr, @created, @snapshot, @manifest, @serializer)
                    ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET
                      created = excluded.created, snapshot = excluded.snapshot,
                      manifest = excluded.manifest, serializer_id = excluded.serializer_id
                    """,
                    t,
                    ("@id", persistenceId),
                    ("@nr", row.SequenceNumber),
                    ("@created", row.Created),
                    ("@snapshot", row.Snapshot),
                    ("@manifest", row.Manifest),
                    ("@serializer", row.SerializerId)
                )
        );

    public Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria) =>
        database.WriteAsync(
            (c, t) => c.ExecuteAsync($"DELETE FROM snapshot WHERE {Matches}", t, Bounds(persistenceId, criteria))
        );

    private static (string, object?)[] Bounds(string persistenceId, SnapshotSelectionCriteria criteria) =>
        [
            ("@id", persistenceId),
            ("@minNr", criteria.MinSequenceNr),
            ("@maxNr", criteria.MaxSequenceNr),
            ("@minTime", (criteria.MinTimestamp ?? DateTime.MinValue).Ticks),
            ("@maxTime", criteria.MaxTimeStamp.Ticks),
        ];
}
