using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// The farm database beside the journal's tables: who the farm is, which names are taken, who streams what. SQL is kept to what
/// SQLite and PostgreSQL both take.
/// </summary>
public sealed class FarmDatabase(DbDataSource source)
{
    private const string Schema = """
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
        """;

    /// <summary>The embedded database: one file, synced at every commit.</summary>
    public static FarmDatabase Sqlite(string path) => new(new SqliteDataSource(path));

    /// <summary>For who keeps rows of his own in the farm database.</summary>
    public DbDataSource Source => source;

    /// <summary>An open connection; the caller disposes it.</summary>
    public DbConnection Connect() => source.OpenConnection();

    /// <summary>Makes the tables and, in a new farm, its id and secret; two servers that start at once agree.</summary>
    public async Task<FarmIdentity> OpenAsync(CancellationToken cancellation = default)
    {
        await using var connection = source.OpenConnection();
        await connection.ExecuteAsync(new CommandDefinition(Schema, cancellationToken: cancellation));
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
}

/// <param name="Secret">32 bytes that every server of the farm knows and nobody else.</param>
public sealed record FarmIdentity(FarmId Farm, ReadOnlyMemory<byte> Secret);
