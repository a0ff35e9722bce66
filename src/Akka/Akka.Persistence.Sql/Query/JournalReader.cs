using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal;

namespace Akka.Persistence.Sql.Query;

/// <summary>What all queries of one read journal share.</summary>
internal sealed class JournalReader
{
    private readonly bool _createTables;
    private readonly TimeSpan _patience;
    private readonly EventRows _rows;
    private readonly Lazy<EventAdapters> _adapters;

    public JournalReader(ExtendedActorSystem system, Config config)
    {
        SqlDatabase.Require(config, "tag-read-mode", "TagTable");
        _createTables = config.GetBoolean("auto-initialize");
        _patience =
            config.GetTimeSpan("journal-sequence-retrieval.query-delay", null, false)
            * config.GetInt("journal-sequence-retrieval.max-tries");
        PageSize = Math.Max(1, config.GetInt("max-buffer-size"));
        RefreshInterval = config.GetTimeSpan("refresh-interval", null, false);
        Database = SqlDatabase.Create(config);
        Table = new(Database);
        _rows = new(new PayloadSerializer(system, SqlPersistence.SerializerName(config)));
        var writePlugin = config.GetString("write-plugin", string.Empty)!;
        _adapters = new(() => Akka.Persistence.Persistence.Instance.Apply(system).AdaptersFor(writePlugin));
    }

    public SqlDatabase Database { get; }

    public JournalTable Table { get; }

    public int PageSize { get; }

    public TimeSpan RefreshInterval { get; }

    public OrderingWait NewWait() => new(_patience);

    public Task ReadyAsync() => _createTables ? Database.EnsureTablesAsync() : Task.CompletedTask;

    public List<EventEnvelope> Envelopes(IEnumerable<JournalRow> rows) => [.. rows.SelectMany(Envelopes)];

    private IEnumerable<EventEnvelope> Envelopes(JournalRow row)
    {
        var stored = _rows.Event(row);
        var tags = row.Tags.ToArray();
        return _adapters
            .Value.Get(stored.Payload.GetType())
            .FromJournal(stored.Payload, stored.Manifest)
            .Events.Select(e => new EventEnvelope(
                Offset.Sequence(row.Ordering),
                row.PersistenceId,
                row.SequenceNumber,
                e,
                row.Created,
                tags
            ));
    }
}
