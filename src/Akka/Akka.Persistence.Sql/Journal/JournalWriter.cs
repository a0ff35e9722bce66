using System.Data.Common;
using System.Threading.Channels;
using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Journal;

/// <summary>
/// Collects writes of many actors into few transactions. Where a write cannot be stored for what it is, it alone fails: the batch
/// is done again with a savepoint before each write.
/// </summary>
internal sealed class JournalWriter
{
    private readonly SqlDatabase _database;
    private readonly Channel<Entry> _queue;
    private readonly int _bufferSize;
    private readonly int _batchSize;
    private readonly Task _workers;

    public JournalWriter(SqlDatabase database, int bufferSize, int batchSize, int parallelism)
    {
        _database = database;
        _bufferSize = bufferSize;
        _batchSize = batchSize;
        _queue = Channel.CreateBounded<Entry>(bufferSize);
        _workers = Task.WhenAll(
            Enumerable.Range(0, database.Writers(parallelism)).Select(_ => Task.Run(WriteBatchesAsync))
        );
    }

    /// <summary>Stores the rows, all of them or none; ends when they are durable.</summary>
    /// <exception cref="InvalidOperationException">Too many writes are waiting, or the journal is closed.</exception>
    /// <exception cref="SequenceNumberTakenException">Another writer has written one of these numbers.</exception>
    public Task WriteAsync(IReadOnlyList<JournalRow> rows)
    {
        var entry = new Entry(rows);
        return _queue.Writer.TryWrite(entry)
            ? entry.Done.Task
            : Task.FromException(
                new InvalidOperationException(
                    $"The journal takes no more writes: {_bufferSize} are waiting (buffer-size), or it is closed."
                )
            );
    }

    /// <summary>Takes nothing more; ends when all that waits is written.</summary>
    public Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        return _workers;
    }

    private async Task WriteBatchesAsync()
    {
        var batch = new List<Entry>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            var rows = 0;
            while (rows < _batchSize && _queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
                rows += entry.Rows.Count;
            }
            if (batch.Count > 0)
                await WriteBatchAsync(batch).ConfigureAwait(false);
        }
    }

    private async Task WriteBatchAsync(List<Entry> batch)
    {
        try
        {
            await _database.WriteAsync((c, t) => InsertAllAsync(c, t, batch)).ConfigureAwait(false);
        }
        catch (Exception e) when (batch.Count > 1 && IsOneWritesFault(e))
        {
            await WriteSeparatelyAsync(batch).ConfigureAwait(false);
            return;
        }
        catch (Exception e)
        {
            batch.ForEach(entry => entry.Done.TrySetException(e));
            return;
        }
        batch.ForEach(entry => entry.Done.TrySetResult());
    }

    private async Task WriteSeparatelyAsync(List<Entry> batch)
    {
        var faults = new Exception?[batch.Count];
        try
        {
            await _database
                .WriteAsync(
                    async (connection, transaction) =>
                    {
                        Array.Clear(faults);
                        await using var insert = new JournalInsert(connection, transaction);
                        for (var i = 0; i < batch.Count; i++)
                            faults[i] = await TryInsertAsync(insert, connection, transaction, batch[i])
                                .ConfigureAwait(false);
                        return 0;
                    }
                )
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Array.Fill(faults, e);
        }
        for (var i = 0; i < batch.Count; i++)
        {
            if (faults[i] is { } fault)
                batch[i].Done.TrySetException(fault);
            else
                batch[i].Done.TrySetResult();
        }
    }

    private async Task<Exception?> TryInsertAsync(
        JournalInsert insert,
        DbConnection connection,
        DbTransaction transaction,
        Entry entry
    )
    {
        await connection.ExecuteAsync("SAVEPOINT entry", transaction).ConfigureAwait(false);
        try
        {
            await InsertAsync(insert, entry).ConfigureAwait(false);
            await connection.ExecuteAsync("RELEASE SAVEPOINT entry", transaction).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (IsOneWritesFault(e))
        {
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT entry", transaction).ConfigureAwait(false);
            await connection.ExecuteAsync("RELEASE SAVEPOINT entry", transaction).ConfigureAwait(false);
            return e;
        }
    }

    private async Task<int> InsertAllAsync(DbConnection connection, DbTransaction transaction, List<Entry> batch)
    {
        await using var insert = new JournalInsert(connection, transaction);
        foreach (var entry in batch)
            await InsertAsync(insert, entry).ConfigureAwait(false);
        return 0;
    }

    private async Task InsertAsync(JournalInsert insert, Entry entry)
    {
        foreach (var row in entry.Rows)
        {
            try
            {
                await insert.RunAsync(row).ConfigureAwait(false);
            }
            catch (DbException e) when (_database.IsDuplicate(e))
            {
                throw new SequenceNumberTakenException(row.PersistenceId, row.SequenceNumber, e);
            }
        }
    }

    private bool IsOneWritesFault(Exception error) =>
        error is SequenceNumberTakenException || _database.IsDataError(error);

    private sealed class Entry(IReadOnlyList<JournalRow> rows)
    {
        public IReadOnlyList<JournalRow> Rows { get; } = rows;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Two writers were active for one persistence id, and this one came second.</summary>
internal sealed class SequenceNumberTakenException(string persistenceId, long sequenceNumber, Exception inner)
    : Exception(
        $"Event {sequenceNumber} of '{persistenceId}' was not stored: another writer has written this sequence number.",
        inner
    );
