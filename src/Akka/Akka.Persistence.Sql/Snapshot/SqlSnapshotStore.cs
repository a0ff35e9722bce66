using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Snapshot;
using Akka.Persistence.Sql.Db;

namespace Akka.Persistence.Sql.Snapshot;

/// <summary>Snapshots in the default table of Akka.Persistence.Sql, on SQLite or PostgreSQL.</summary>
public class SqlSnapshotStore : SnapshotStore
{
    public static readonly Config DefaultConfiguration = SqlPersistence.DefaultConfiguration;

    private readonly bool _createTables;
    private readonly SqlDatabase _database;
    private readonly SnapshotTable _table;
    private readonly PayloadSerializer _serializer;

    public SqlSnapshotStore(Config snapshotConfig)
    {
        var config = snapshotConfig.WithFallback(SqlPersistence.DefaultSnapshotConfiguration);
        _createTables = config.GetBoolean("auto-initialize");
        _database = SqlDatabase.Create(config);
        _table = new(_database);
        _serializer = new((ExtendedActorSystem)Context.System, SqlPersistence.SerializerName(config));
    }

    protected override async Task<SelectedSnapshot> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        await ReadyAsync().ConfigureAwait(false);
        if (await _table.NewestAsync(persistenceId, criteria).ConfigureAwait(false) is not { } row)
            return null!;
        var taken = new DateTime(row.Created, DateTimeKind.Utc);
        return new(
            new SnapshotMetadata(persistenceId, row.SequenceNumber, taken),
            _serializer.Deserialize(row.Snapshot, row.SerializerId, row.Manifest)
        );
    }

    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        var serialized = _serializer.Serialize(snapshot);
        await ReadyAsync().ConfigureAwait(false);
        await _table
            .SaveAsync(
                metadata.PersistenceId,
                new(
                    metadata.SequenceNr,
                    metadata.Timestamp.Ticks,
                    serialized.Bytes,
                    serialized.SerializerId,
                    serialized.Manifest
                )
            )
            .ConfigureAwait(false);
    }

    // Without a time any snapshot of that number is meant; with one, that snapshot and no later one of the same number.
    protected override Task DeleteAsync(SnapshotMetadata metadata) =>
        DeleteAsync(
            metadata.PersistenceId,
            metadata.Timestamp == DateTime.MinValue
                ? new(metadata.SequenceNr, DateTime.MaxValue, metadata.SequenceNr)
                : new(metadata.SequenceNr, metadata.Timestamp, metadata.SequenceNr, metadata.Timestamp)
        );

    protected override async Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        await ReadyAsync().ConfigureAwait(false);
        await _table.DeleteAsync(persistenceId, criteria).ConfigureAwait(false);
    }

    protected override void PostStop()
    {
        _database.Close();
        base.PostStop();
    }

    private Task ReadyAsync() => _createTables ? _database.EnsureTablesAsync() : Task.CompletedTask;
}
