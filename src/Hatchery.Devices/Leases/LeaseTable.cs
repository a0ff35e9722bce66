using Dapper;

namespace Hatchery.Devices;

/// <summary>
/// Who holds what, and until when, by the database's clock: one statement each, so that of two servers asking at once one is told no.
/// </summary>
internal sealed class LeaseTable(FarmDatabase database)
{
    // By the clock at the moment when the row is locked, not when the transaction began.
    private const string PostgreSqlNow = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
    private const string SqliteNow = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

    public static readonly string[] Schema =
    [
        """
            CREATE TABLE IF NOT EXISTS farm_lease (
                name VARCHAR(255) NOT NULL PRIMARY KEY,
                owner VARCHAR(255) NOT NULL,
                until_ms BIGINT NOT NULL
            );
            """,
    ];

    private string Now => database.IsPostgreSql ? PostgreSqlNow : SqliteNow;

    /// <summary>Takes a lease that is free, has run out, or is the owner's already.</summary>
    /// <returns>False when another holds it.</returns>
    public Task<bool> TakeAsync(string name, string owner, TimeSpan holdFor, CancellationToken cancellation) =>
        ChangeAsync(
            $"""
            INSERT INTO farm_lease (name, owner, until_ms) VALUES (@name, @owner, {Now} + @hold)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = {Now} + @hold
            WHERE farm_lease.owner = excluded.owner OR farm_lease.until_ms <= {Now}
            """,
            new
            {
                name,
                owner,
                hold = (long)holdFor.TotalMilliseconds,
            },
            cancellation
        );

    /// <summary>Holds it for longer, also when it ran out and nobody took it.</summary>
    /// <returns>False when it is the owner's no more.</returns>
    public Task<bool> RenewAsync(string name, string owner, TimeSpan holdFor, CancellationToken cancellation) =>
        ChangeAsync(
            $"UPDATE farm_lease SET until_ms = {Now} + @hold WHERE name = @name AND owner = @owner",
            new
            {
                name,
                owner,
                hold = (long)holdFor.TotalMilliseconds,
            },
            cancellation
        );

    /// <summary>Gives it back; what another holds stays.</summary>
    public Task<bool> GiveBackAsync(string name, string owner, CancellationToken cancellation) =>
        ChangeAsync("DELETE FROM farm_lease WHERE name = @name AND owner = @owner", new { name, owner }, cancellation);

    private async Task<bool> ChangeAsync(string sql, object values, CancellationToken cancellation)
    {
        await using var connection = await database.ConnectAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: cancellation)) == 1;
    }
}
