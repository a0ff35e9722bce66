using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Journal;

/// <summary>A journal in the default tables of Akka.Persistence.Sql, on SQLite or PostgreSQL.</summary>
public class SqlWriteJournal : AsyncWriteJournal
{
    public static readonly Config DefaultConfiguration = SqlPersistence.DefaultConfiguration;

    private readonly ConcurrentDictionary<string, Task> _underWay = new(StringComparer.Ordinal);
    private readonly bool _createTables;
    private readonly int _replayBatchSize;
    private readonly SqlDatabase _database;
    private readonly JournalTable _table;
    private readonly JournalWriter _writer;
    private readonly EventRows _rows;

    public SqlWriteJournal(Config journalConfig)
    {
        var config = journalConfig.WithFallback(SqlPersistence.DefaultJournalConfiguration);
        SqlDatabase.Require(config, "tag-write-mode", "TagTable");
        _createTables = config.GetBoolean("auto-initialize");
        _replayBatchSize = config.GetInt("replay-batch-size");
        _database = SqlDatabase.Create(config);
        _table = new(_database);
        _writer = new(
            _database,
            config.GetInt("buffer-size"),
            config.GetInt("batch-size"),
            config.GetInt("parallelism")
        );
        _rows = new(
            new PayloadSerializer((ExtendedActorSystem)Context.System, SqlPersistence.SerializerName(config)),
            writerUuid: Guid.NewGuid().ToString("N")
        );
    }

    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr)
    {
        // A restarted actor recovers while the last write of the instance before it may still be under way.
        if (_underWay.TryGetValue(persistenceId, out var write))
            await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReadyAsync().ConfigureAwait(false);
        return await _table.HighestSequenceNumberAsync(persistenceId).ConfigureAwait(false);
    }

    public override async Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    )
    {
        await ReadyAsync().ConfigureAwait(false);
        for (var from = fromSequenceNr; from <= toSequenceNr && max > 0; )
        {
            var limit = (int)Math.Min(_replayBatchSize, max);
            var page = await _table.ReplayAsync(persistenceId, from, toSequenceNr, limit).ConfigureAwait(false);
            foreach (var row in page)
                recoveryCallback(_rows.Event(row));
            if (page.Count < limit)
                return;
            max -= page.Count;
            from = page[^1].SequenceNumber + 1;
        }
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var rejections = ImmutableArray.CreateBuilder<Exception?>();
        var rows = new List<JournalRow>();
        foreach (var write in messages)
        {
            try
            {
                rows.AddRange(_rows.Rows(write));
                rejections.Add(null);
            }
            catch (Exception e)
            {
                rejections.Add(e);
            }
        }
        if (rows.Count > 0)
            await TrackAsync(rows[0].PersistenceId, WriteAsync(rows)).ConfigureAwait(false);
        return rejections.Any(r => r is not null) ? rejections.ToImmutable()! : ImmutableArray<Exception>.Empty;
    }

    protected override async Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr)
    {
        await ReadyAsync().ConfigureAwait(false);
        await _table.DeleteToAsync(persistenceId, toSequenceNr).ConfigureAwait(false);
    }

    protected override void PostStop()
    {
        _ = CloseAsync();
        base.PostStop();
    }

    private async Task WriteAsync(List<JournalRow> rows)
    {
        await ReadyAsync().ConfigureAwait(false);
        await _writer.WriteAsync(rows).ConfigureAwait(false);
    }

    private async Task TrackAsync(string persistenceId, Task write)
    {
        _underWay[persistenceId] = write;
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            _underWay.TryRemove(new KeyValuePair<string, Task>(persistenceId, write));
        }
    }

    private Task ReadyAsync() => _createTables ? _database.EnsureTablesAsync() : Task.CompletedTask;

    private async Task CloseAsync()
    {
        await _writer.CloseAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _database.Close();
    }
}
