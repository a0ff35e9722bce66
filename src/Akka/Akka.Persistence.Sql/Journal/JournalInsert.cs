using System.Data.Common;
using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Journal;

/// <summary>The insert statements of one transaction, prepared once.</summary>
internal sealed class JournalInsert(DbConnection connection, DbTransaction transaction) : IAsyncDisposable
{
    private const string Row = """
        INSERT INTO journal
          (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
        VALUES (@created, @deleted, @id, @nr, @message, @manifest, @serializer, @writer)
        """;

    private readonly DbCommand _row = connection.Command(Row, transaction);
    private readonly DbCommand _rowWithOrdering = connection.Command(Row + " RETURNING ordering", transaction);
    private readonly DbCommand _tag = connection.Command(
        "INSERT INTO tags (ordering_id, tag, sequence_nr, persistence_id) VALUES (@ordering, @tag, @nr, @id)",
        transaction
    );

    public async Task RunAsync(JournalRow row)
    {
        if (row.Tags.Count == 0)
        {
            Fill(_row, row);
            await _row.ExecuteNonQueryAsync().ConfigureAwait(false);
            return;
        }
        Fill(_rowWithOrdering, row);
        var ordering = await _rowWithOrdering.ExecuteScalarAsync().ConfigureAwait(false);
        foreach (var tag in row.Tags)
        {
            _tag.Set("@ordering", ordering);
            _tag.Set("@tag", tag);
            _tag.Set("@nr", row.SequenceNumber);
            _tag.Set("@id", row.PersistenceId);
            await _tag.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _row.DisposeAsync().ConfigureAwait(false);
        await _rowWithOrdering.DisposeAsync().ConfigureAwait(false);
        await _tag.DisposeAsync().ConfigureAwait(false);
    }

    private static void Fill(DbCommand command, JournalRow row)
    {
        command.Set("@created", row.Created);
        command.Set("@deleted", false);
        command.Set("@id", row.PersistenceId);
        command.Set("@nr", row.SequenceNumber);
        command.Set("@message", row.Message);
        command.Set("@manifest", row.Manifest);
        command.Set("@serializer", row.SerializerId);
        command.Set("@writer", row.WriterUuid);
    }
}
