using System.Data.Common;
using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Journal;

/// <summary>Reads and deletions of the journal table.</summary>
internal sealed class JournalTable(SqlDatabase database)
{
    private const string Columns =
        "j.ordering, j.persistence_id, j.sequence_number, j.created, j.message, j.identifier, j.manifest, j.writer_uuid";

    /// <summary>The highest number ever stored; a deletion keeps the row that tells it.</summary>
    public Task<long> HighestSequenceNumberAsync(string persistenceId) =>
        database.ReadAsync(c =>
            c.NumberAsync(
                "SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @id",
                transaction: null,
                ("@id", persistenceId)
            )
        );

    public Task<List<JournalRow>> EventsAsync(string persistenceId, long from, long to, int limit) =>
        RowsAsync(
            $"""
            SELECT {Columns}, {database.TagsOfRow} FROM journal j
            WHERE j.persistence_id = @id AND j.sequence_number BETWEEN @from AND @to AND j.deleted = {database.False}
            ORDER BY j.sequence_number LIMIT @limit
            """,
            ("@id", persistenceId),
            ("@from", from),
            ("@to", to),
            ("@limit", limit)
        );

    /// <summary>The same without tags, for actors that recover.</summary>
    public Task<List<JournalRow>> ReplayAsync(string persistenceId, long from, long to, int limit) =>
        RowsAsync(
            $"""
            SELECT {Columns}, NULL FROM journal j
            WHERE j.persistence_id = @id AND j.sequence_number BETWEEN @from AND @to AND j.deleted = {database.False}
            ORDER BY j.sequence_number LIMIT @limit
            """,
            ("@id", persistenceId),
            ("@from", from),
            ("@to", to),
            ("@limit", limit)
        );

    /// <summary>Events above one ordering, up to and with another.</summary>
    public Task<List<JournalRow>> EventsAfterAsync(long after, long upTo, int limit) =>
        RowsAsync(
            $"""
            SELECT {Columns}, {database.TagsOfRow} FROM journal j
            WHERE j.ordering > @after AND j.ordering <= @upTo AND j.deleted = {database.False}
            ORDER BY j.ordering LIMIT @limit
            """,
            ("@after", after),
            ("@upTo", upTo),
            ("@limit", limit)
        );

    public Task<List<JournalRow>> EventsByTagAsync(string tag, long after, long upTo, int limit) =>
        RowsAsync(
            $"""
            SELECT {Columns}, {database.TagsOfRow} FROM tags t JOIN journal j ON j.ordering = t.ordering_id
            WHERE {database.TagColumn} = @tag AND t.ordering_id > @after AND t.ordering_id <= @upTo
              AND j.deleted = {database.False}
            ORDER BY t.ordering_id LIMIT @limit
            """,
            ("@tag", tag),
            ("@after", after),
            ("@upTo", upTo),
            ("@limit", limit)
        );

    public Task<List<string>> PersistenceIdsAsync(string after, int limit) =>
        TextsAsync(
            $"""
            SELECT DISTINCT persistence_id FROM journal
            WHERE persistence_id > @after AND deleted = {database.False}
            ORDER BY persistence_id LIMIT @limit
            """,
            ("@after", after),
            ("@limit", limit)
        );

    /// <summary>Ids with an event above one ordering, up to and with another.</summary>
    public Task<List<string>> PersistenceIdsBetweenAsync(long after, long upTo) =>
        TextsAsync(
            "SELECT DISTINCT persistence_id FROM journal WHERE ordering > @after AND ordering <= @upTo",
            ("@after", after),
            ("@upTo", upTo)
        );

    /// <summary>
    /// Marks the events as deleted and removes all of them but the highest one, which keeps the highest sequence number known.
    /// </summary>
    public Task DeleteToAsync(string persistenceId, long toSequenceNumber) =>
        database.WriteAsync(
            async (c, t) =>
            {
                (string, object?)[] id = [("@id", persistenceId), ("@to", toSequenceNumber)];
                await c.ExecuteAsync(
                        $"""
                        UPDATE journal SET deleted = {database.True}
                        WHERE persistence_id = @id AND sequence_number <= @to AND deleted = {database.False}
                        """,
                        t,
                        id
                    )
                    .ConfigureAwait(false);
                var highest = await c.NumberAsync(
                        $"""
                        SELECT MAX(sequence_number) FROM journal
                        WHERE persistence_id = @id AND sequence_number <= @to AND deleted = {database.True}
                        """,
                        t,
                        id
                    )
                    .ConfigureAwait(false);
                (string, object?)[] marked = [("@id", persistenceId), ("@highest", highest)];
                await c.ExecuteAsync(
                        "DELETE FROM tags WHERE persistence_id = @id AND sequence_nr <= @highest",
                        t,
                        marked
                    )
                    .ConfigureAwait(false);
                return await c.ExecuteAsync(
                        "DELETE FROM journal WHERE persistence_id = @id AND sequence_number < @highest",
                        t,
                        marked
                    )
                    .ConfigureAwait(false);
            }
        );

    private Task<List<JournalRow>> RowsAsync(string sql, params (string, object?)[] parameters) =>
        database.ReadAsync(async connection =>
        {
            var rows = new List<JournalRow>();
            await using var command = connection.Command(sql, transaction: null, parameters);
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            while (await reader.ReadAsync().ConfigureAwait(false))
                rows.Add(Row(reader));
            return rows;
        });

    private Task<List<string>> TextsAsync(string sql, params (string, object?)[] parameters) =>
        database.ReadAsync(async connection =>
        {
            var texts = new List<string>();
            await using var command = connection.Command(sql, transaction: null, parameters);
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            while (await reader.ReadAsync().ConfigureAwait(false))
                texts.Add(reader.GetString(0));
            return texts;
        });

    private static JournalRow Row(DbDataReader reader) =>
        new(
            reader.GetInt64(0),
            reader.GetString(1),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.GetFieldValue<byte[]>(4),
            reader.NumberOrNull(5),
            reader.TextOrNull(6),
            reader.TextOrNull(7),
            reader.TextOrNull(8)?.Split(SqlDatabase.TagDivider) ?? []
        );
}
