using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Akka.Persistence.Sql.Db;

/// <summary>
/// SQLite in WAL mode with synchronous=FULL: a commit is on the disk before it is answered, so that it survives a loss of power.
/// Its calls block, so they run on the thread pool; its one writer at a time is a queue within the process and SQLite's own lock
/// between processes.
/// </summary>
internal sealed class SqliteDatabase : SqlDatabase
{
    private const int BusyTimeoutSeconds = 5;
    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    private static readonly ConcurrentDictionary<string, SemaphoreSlim> s_writing = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _writing;
    private readonly int _busyTimeoutMs;

    // A database in memory lives as long as a connection to it is open.
    private readonly SqliteConnection? _keepAlive;

    public SqliteDatabase(string connectionString)
        : base(WithTimeout(connectionString))
    {
        _writing = s_writing.GetOrAdd(ConnectionString, _ => new SemaphoreSlim(1, 1));
        var parsed = new SqliteConnectionStringBuilder(ConnectionString);
        _busyTimeoutMs = parsed.DefaultTimeout * 1000;
        if (parsed.Mode != SqliteOpenMode.Memory)
            return;
        _keepAlive = new SqliteConnection(ConnectionString);
        _keepAlive.Open();
    }

    public override string False => "0";

    public override string True => "1";

    // The unary plus keeps SQLite from sorting all rows of the tag; it walks the orderings above the offset instead.
    public override string TagColumn => "+t.tag";

    public override string TagsOfRow =>
        "(SELECT group_concat(x.tag, char(31)) FROM tags x WHERE x.ordering_id = j.ordering)";

    public override int Writers(int asked) => 1;

    public override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work) =>
        Task.Run(async () =>
        {
            await using var connection = Open();
            return await work(connection).ConfigureAwait(false);
        });

    public override Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work) =>
        Task.Run(async () =>
        {
            await _writing.WaitAsync().ConfigureAwait(false);
            try
            {
                await using var connection = Open();
                return await InTransactionAsync(connection, work).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }
        });

    // With one writer at a time rows become visible in the order of their numbers.
    public override Task<long> StableOrderingAsync(OrderingWait wait) =>
        ReadAsync(connection => connection.NumberAsync("SELECT MAX(ordering) FROM journal", transaction: null));

    public override bool IsDuplicate(Exception error) =>
        error is SqliteException { SqliteExtendedErrorCode: SqliteConstraintUnique or SqliteConstraintPrimaryKey };

    public override bool IsDataError(Exception error) =>
        error is SqliteException { SqliteErrorCode: SqliteConstraint or SqliteTooBig or SqliteMismatch };

    public override void Close()
    {
        _keepAlive?.Dispose();
        using var any = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(any);
    }

    protected override async Task CreateTablesAsync()
    {
        await ReadAsync(c => c.ExecuteAsync("PRAGMA journal_mode = WAL", transaction: null)).ConfigureAwait(false);
        var present = await ReadAsync(c =>
                c.NumberAsync(
                    $"SELECT count(*) FROM sqlite_master WHERE name IN ('{string.Join("', '", SqlNames.All)}')",
                    transaction: null
                )
            )
            .ConfigureAwait(false);
        if (present < SqlNames.All.Length)
            await WriteAsync((c, t) => c.ExecuteAsync(SqliteTables.Sql, t)).ConfigureAwait(false);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = $"PRAGMA busy_timeout = {_busyTimeoutMs}; PRAGMA synchronous = FULL";
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string WithTimeout(string connectionString)
    {
        var parsed = new SqliteConnectionStringBuilder(connectionString);
        if (!parsed.ShouldSerialize("Default Timeout"))
            parsed.DefaultTimeout = BusyTimeoutSeconds;
        return parsed.ConnectionString;
    }
}
