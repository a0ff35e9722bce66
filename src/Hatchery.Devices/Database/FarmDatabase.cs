using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Hatchery.Disks;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Hatchery.Devices;

/// <summary>
/// The farm database beside the journal's tables: who the farm is, which names are taken, who streams what. SQL is kept to what
/// SQLite and PostgreSQL both take.
/// </summary>
public sealed class FarmDatabase(DbDataSource source, string name = "the farm database") : IAsyncDisposable
{
    /// <summary>The newest at the end; see <see cref="SchemaUpgrade"/>.</summary>
    private static readonly string[] s_schema =
    [
        """
            CREATE TABLE IF NOT EXISTS farm (
                id VARCHAR(32) NOT NULL PRIMARY KEY,
                one INTEGER NOT NULL UNIQUE CHECK (one = 1),
                secret VARCHAR(64) NOT NULL
            );
            CREATE TABLE IF NOT EXISTS claim (
                kind VARCHAR(16) NOT NULL,
                value VARCHAR(64) NOT NULL,
                owner VARCHAR(32) NOT NULL,
                PRIMARY KEY (kind, value)
            );
            CREATE INDEX IF NOT EXISTS claim_owner_idx ON claim (owner);
            CREATE TABLE IF NOT EXISTS session (
                device VARCHAR(32) NOT NULL PRIMARY KEY,
                revision BIGINT NOT NULL,
                epoch BIGINT NOT NULL,
                phase VARCHAR(8) NOT NULL,
                boot VARCHAR(32) NOT NULL,
                streamer VARCHAR(63) NOT NULL,
                members TEXT NOT NULL,
                layers TEXT NOT NULL
            );
            CREATE TABLE IF NOT EXISTS timeline (
                device VARCHAR(32) NOT NULL,
                at BIGINT NOT NULL,
                step VARCHAR(32) NOT NULL,
                server VARCHAR(63) NOT NULL,
                detail VARCHAR(255) NOT NULL
            );
            CREATE INDEX IF NOT EXISTS timeline_device_idx ON timeline (device, at);
            """,
    ];

    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>The embedded database: one file, synced at every commit.</summary>
    public static FarmDatabase Sqlite(string path) =>
        new(new SqliteDataSource(path), path)
        {
            JournalConnectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString(),
        };

    /// <summary>The database that several servers share.</summary>
    /// <exception cref="ArgumentException">The connection string cannot be read; the message says why.</exception>
    public static FarmDatabase PostgreSql(PostgreSqlSettings settings) =>
        new(NpgsqlDataSource.Create(settings.OfPool()), settings.Name)
        {
            JournalConnectionString = settings.OfPool(),
            JournalPatience = settings.TransactionMax,
        };

    /// <summary>What operators know it by, without secrets.</summary>
    public string Name => name;

    public bool IsPostgreSql => source is NpgsqlDataSource;

    /// <summary>How long readers of the journal wait for an event whose writer drew its number and has not committed it.</summary>
    internal TimeSpan JournalPatience { get; private init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the journal's own connections; it lies in the same database.</summary>
    internal string JournalConnectionString { get; private init; } = source.ConnectionString;

    /// <summary>For who keeps rows of his own in the farm database.</summary>
    public DbDataSource Source => source;

    /// <summary>An open connection; the caller disposes it.</summary>
    public ValueTask<DbConnection> ConnectAsync(CancellationToken cancellation = default) =>
        source.OpenConnectionAsync(cancellation);

    /// <summary>
    /// The same for what every server does when it starts: in SQLite, where whoever waits for the one writer may be passed by others again and again, it waits long
    /// for its turn, also to begin a transaction.
    /// </summary>
    internal async ValueTask<DbConnection> ConnectPatientlyAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(cancellation);
        if (connection is SqliteConnection sqlite)
            sqlite.DefaultTimeout = (int)patience.TotalSeconds;
        return connection;
    }

    /// <summary>
    /// Runs statements that write. SQLite has one writer at a time, and lets those who wait try again whenever they happen to: of a crowd some
    /// would wait for ever, so that ours wait in a line.
    /// </summary>
    internal async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellation = default)
    {
        if (IsPostgreSql)
        {
            await using var connection = await ConnectAsync(cancellation);
            return await write(connection);
        }
        await _writing.WaitAsync(cancellation);
        try
        {
            await using var connection = await ConnectAsync(cancellation);
            return await write(connection);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Makes the tables and, in a new farm, its id and secret; two servers that start at once agree.</summary>
    public async Task<FarmIdentity> OpenAsync(CancellationToken cancellation = default)
    {
        await SchemaUpgrade.RunAsync(this, "farm", s_schema, cancellation);
        await SchemaUpgrade.RunAsync(this, "farm-lease", LeaseTable.Schema, cancellation);
        await SchemaUpgrade.RunAsync(this, "history", HistoryLog.Schema, cancellation);
        await using var connection = await ConnectPatientlyAsync(SchemaUpgrade.Patience, cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "INSERT INTO farm (id, one, secret) VALUES (@id, 1, @secret) ON CONFLICT DO NOTHING",
                new { id = new FarmId(Guid.NewGuid()).ToString(), secret = RandomNumberGenerator.GetHexString(64) },
                cancellationToken: cancellation
            )
        );
        var (id, secret) = await connection.QuerySingleAsync<(string, string)>(
            new CommandDefinition("SELECT id, secret FROM farm", cancellationToken: cancellation)
        );
        return new(FarmId.Parse(id), Convert.FromHexString(secret));
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

/// <param name="Secret">32 bytes that every server of the farm knows and nobody else.</param>
public sealed record FarmIdentity(FarmId Farm, ReadOnlyMemory<byte> Secret);
