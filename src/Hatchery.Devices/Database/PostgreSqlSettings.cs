using System.Globalization;
using Npgsql;

namespace Hatchery.Devices;

/// <summary>How this server speaks with PostgreSQL: the operator's connection string, with bounds that a farm needs.</summary>
/// <param name="ConnectionString">As Npgsql takes it: <c>Host=db1;Database=hatchery;Username=hatchery;Passfile=...</c>.</param>
/// <param name="ConnectionsMax">Of this server, at least <see cref="Pools"/>.</param>
/// <param name="StatementTimeout">After it the database ends a statement, or a transaction that is left alone.</param>
public sealed record PostgreSqlSettings(
    string ConnectionString,
    int ConnectionsMax = 24,
    TimeSpan? StatementTimeout = null
)
{
    /// <summary>The farm's tables, the journal's writer, its reader, and snapshots.</summary>
    public const int Pools = 4;

    private static readonly TimeSpan s_statementTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>No transaction of a journal takes longer: two statements, the pauses between them, and the commit.</summary>
    public TimeSpan TransactionMax => 5 * (StatementTimeout ?? s_statementTimeout);

    /// <summary>Where it is, without secrets.</summary>
    public string Name =>
        new NpgsqlConnectionStringBuilder(ConnectionString) is var c
            ? string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {c.Database ?? c.Username} at {c.Host}:{c.Port}")
            : "";

    /// <summary>The connection string of one of the pools.</summary>
    /// <exception cref="ArgumentException">The operator's connection string cannot be read; the message says why.</exception>
    public string OfPool()
    {
        var timeout = StatementTimeout ?? s_statementTimeout;
        var milliseconds = (long)timeout.TotalMilliseconds;
        var given = new NpgsqlConnectionStringBuilder(ConnectionString);
        // A server that froze in the middle of a transaction must not keep rows, or the journal's readers, waiting for it.
        given.Options = string.Create(
                CultureInfo.InvariantCulture,
                $"{given.Options} -c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds}"
            )
            .Trim();
        given.MaxPoolSize = Math.Max(2, ConnectionsMax / Pools);
        given.Timeout = (int)s_connectTimeout.TotalSeconds;
        // Somewhat longer than the database itself takes: its own word is the better one.
        given.CommandTimeout = (int)Math.Ceiling(timeout.TotalSeconds) + 2;
        // A host that is gone without a word is found out by its silence.
        given.KeepAlive = (int)s_connectTimeout.TotalSeconds;
        given.ApplicationName ??= "hatchery";
        return given.ToString();
    }
}
