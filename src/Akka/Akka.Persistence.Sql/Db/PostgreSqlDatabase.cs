using System.Data.Common;
using Npgsql;

namespace Akka.Persistence.Sql.Db;

/// <summary>PostgreSQL: durable by the server's own synchronous_commit, several writers at once.</summary>
internal sealed class PostgreSqlDatabase : SqlDatabase
{
    private readonly NpgsqlDataSource _source;

    public PostgreSqlDatabase(string connectionString)
        : base(connectionString) => _source = NpgsqlDataSource.Create(connectionString);

    public override string False => "false";

    public override string True => "true";

    public override string TagColumn => "t.tag";

    public override string TagsOfRow =>
        "(SELECT string_agg(x.tag, chr(31)) FROM tags x WHERE x.ordering_id = j.ordering)";

    public override int Writers(int asked) => Math.Max(1, asked);

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work)
    {
        await using var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        return await work(connection).ConfigureAwait(false);
    }

    public override async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work)
    {
        await using var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        return await InTransactionAsync(connection, work).ConfigureAwait(false);
    }

    /// <summary>
    /// Whoever draws a number has locked the table for writing before and keeps that lock until its end. So once the writers seen
    /// just after a number became visible are gone, nothing below that number is to come.
    /// </summary>
    public override Task<long> StableOrderingAsync(OrderingWait wait) =>
        ReadAsync(async connection =>
        {
            if (!wait.IsWaiting)
            {
                var goal = await connection
                    .NumberAsync("SELECT MAX(ordering) FROM journal", transaction: null)
                    .ConfigureAwait(false);
                wait.Begin(goal, await WritersAsync(connection).ConfigureAwait(false));
            }
            else
            {
                wait.Writers.IntersectWith(await WritersAsync(connection).ConfigureAwait(false));
            }
            if (wait.IsWaiting && !wait.IsExhausted)
                return -1L;
            wait.Writers.Clear();
            return wait.Goal;
        });

    public override bool IsDuplicate(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    // Classes 22 and 23: a value that cannot be stored, a constraint that is broken.
    public override bool IsDataError(Exception error) => error is PostgresException { SqlState: ['2', '2' or '3', ..] };

    public override void Close() => _source.Dispose();

    // Creating an index waits for every writer, and every writer then waits for it, even where the index is there already.
    protected override async Task CreateTablesAsync()
    {
        var missing = await ReadAsync(c =>
                c.NumberAsync(
                    "SELECT count(*) FROM unnest(@names) AS wanted WHERE to_regclass(wanted) IS NULL",
                    transaction: null,
                    ("@names", SqlNames.All)
                )
            )
            .ConfigureAwait(false);
        if (missing > 0)
            await WriteAsync((c, t) => c.ExecuteAsync(PostgreSqlTables.Sql, t)).ConfigureAwait(false);
    }

    private static async Task<List<string>> WritersAsync(DbConnection connection)
    {
        const string sql = """
            SELECT virtualtransaction FROM pg_locks
            WHERE locktype = 'relation' AND relation = 'journal'::regclass AND mode = 'RowExclusiveLock' AND granted
            """;
        var found = new List<string>();
        await using var command = connection.Command(sql);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
            found.Add(reader.GetString(0));
        return found;
    }
}
