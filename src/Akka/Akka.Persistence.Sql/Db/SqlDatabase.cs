using System.Data.Common;
using Akka.Configuration;

namespace Akka.Persistence.Sql.Db;

/// <summary>One database: how it is opened, what its dialect calls things, and what its errors mean.</summary>
internal abstract class SqlDatabase(string connectionString)
{
    private readonly SemaphoreSlim _initializing = new(1, 1);
    private volatile bool _ready;

    protected string ConnectionString { get; } = connectionString;

    /// <summary>How this dialect writes "false".</summary>
    public abstract string False { get; }

    /// <summary>How this dialect writes "true".</summary>
    public abstract string True { get; }

    /// <summary>The column <c>t.tag</c>, in a form that lets the index on ordering be used.</summary>
    public abstract string TagColumn { get; }

    /// <summary>All tags of the journal row <c>j</c>, divided by <see cref="TagDivider"/>.</summary>
    public abstract string TagsOfRow { get; }

    public const char TagDivider = '\u001f';

    /// <exception cref="ConfigurationException">The provider is unknown, or the connection string is missing.</exception>
    public static SqlDatabase Create(Config config)
    {
        var connectionString = config.GetString("connection-string");
        if (string.IsNullOrEmpty(connectionString))
            throw new ConfigurationException("Akka.Persistence.Sql: connection-string is missing.");
        Require(config, "table-mapping", "default");
        return config.GetString("provider-name") switch
        {
            "SQLite.MS" or "SQLite" => new SqliteDatabase(connectionString),
            { } name when name.StartsWith("PostgreSQL", StringComparison.Ordinal) => new PostgreSqlDatabase(
                connectionString
            ),
            var other => throw new ConfigurationException(
                $"Akka.Persistence.Sql: provider-name '{other}' is neither SQLite.MS nor PostgreSQL.15."
            ),
        };
    }

    /// <exception cref="ConfigurationException">The key asks for what is not there.</exception>
    public static void Require(Config config, string key, string value)
    {
        var asked = config.GetString(key, value);
        if (!string.Equals(asked, value, StringComparison.OrdinalIgnoreCase))
            throw new ConfigurationException($"Akka.Persistence.Sql: {key} = {asked} is not known, only {value}.");
    }

    /// <summary>How many transactions may write at once when so many are asked for.</summary>
    public abstract int Writers(int asked);

    /// <summary>Runs reads on a connection of their own, off the caller's thread.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work);

    /// <summary>Runs writes in one transaction, which is durable when the task ends without an exception.</summary>
    public abstract Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work);

    /// <summary>
    /// The highest ordering below which no row can still appear, as of now; -1 where writers are under way that may hold a
    /// lower number.
    /// </summary>
    public abstract Task<long> StableOrderingAsync(OrderingWait wait);

    /// <summary>Whether a unique constraint refused the row.</summary>
    public abstract bool IsDuplicate(Exception error);

    /// <summary>Whether the error lies in the data of one write, so that others can go on without it.</summary>
    public abstract bool IsDataError(Exception error);

    /// <summary>Creates the tables where they are missing; tried again by the next caller where it failed.</summary>
    public async Task EnsureTablesAsync()
    {
        if (_ready)
            return;
        await _initializing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_ready)
                return;
            await CreateTablesAsync().ConfigureAwait(false);
            _ready = true;
        }
        finally
        {
            _initializing.Release();
        }
    }

    /// <summary>Lets go of pooled connections.</summary>
    public abstract void Close();

    protected abstract Task CreateTablesAsync();

    protected static async Task<T> InTransactionAsync<T>(
        DbConnection connection,
        Func<DbConnection, DbTransaction, Task<T>> work
    )
    {
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        var result = await work(connection, transaction).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
        return result;
    }
}
