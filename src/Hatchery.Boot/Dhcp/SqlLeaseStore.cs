using System.Data.Common;
using System.Net;
using Dapper;
using Hatchery.Boot.Net;
using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>Leases as rows of the farm database. Addresses are numbers so that pools are ranges; the primary key, and one
/// conditional upsert, see to it that an address is never two machines', whichever server asks.</summary>
public sealed class SqlLeaseStore(DbDataSource database) : ILeaseStore
{
    private const string Columns =
        "address AS Address, mac AS Mac, client_id AS ClientId, hostname AS HostName, state AS State, expires_at AS ExpiresAt";

    /// <summary>How long a command waits for a database that is locked; a client has asked again by then.</summary>
    private const int PatienceSeconds = 2;

    /// <summary>Makes the table where it is missing.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                CREATE TABLE IF NOT EXISTS lease (
                    address bigint NOT NULL PRIMARY KEY,
                    mac text NOT NULL,
                    client_id text NOT NULL,
                    hostname text NOT NULL,
                    state text NOT NULL,
                    expires_at bigint NOT NULL
                );
                CREATE INDEX IF NOT EXISTS lease_mac ON lease (mac);
                """,
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
    }

    public async Task<IReadOnlyList<Lease>> OfMachineAsync(MacAddress mac, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM lease WHERE mac = @mac AND state <> 'Declined' ORDER BY expires_at DESC, address",
                new { mac = mac.ToString() },
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(r => r.ToLease())];
    }

    public async Task<Lease?> OfAddressAsync(IPAddress address, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM lease WHERE address = @address",
                new { address = (long)address.Number() },
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
        return row?.ToLease();
    }

    public async Task<IReadOnlyDictionary<uint, DateTimeOffset>> EndsAsync(
        uint first,
        uint last,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<(long Address, long ExpiresAt)>(
            new CommandDefinition(
                "SELECT address, expires_at FROM lease WHERE address BETWEEN @first AND @last",
                new { first = (long)first, last = (long)last },
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
        return rows.ToDictionary(r => (uint)r.Address, r => DateTimeOffset.FromUnixTimeMilliseconds(r.ExpiresAt));
    }

    public async Task<bool> TryTakeAsync(Lease lease, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var changed = await connection.ExecuteAsync(
            new CommandDefinition(
                """
                INSERT INTO lease (address, mac, client_id, hostname, state, expires_at)
                VALUES (@address, @mac, @clientId, @hostName, @state, @expiresAt)
                ON CONFLICT (address) DO UPDATE SET
                    mac = excluded.mac, client_id = excluded.client_id, hostname = excluded.hostname,
                    state = excluded.state, expires_at = excluded.expires_at
                WHERE lease.expires_at <= @now
                    OR (lease.mac = excluded.mac AND (lease.state <> 'Bound' OR excluded.state = 'Bound')
                        AND lease.state <> 'Declined')
                """,
                new
                {
                    address = (long)lease.Address.Number(),
                    mac = lease.Mac.ToString(),
                    clientId = lease.ClientId,
                    hostName = lease.HostName,
                    state = lease.State.ToString(),
                    expiresAt = lease.ExpiresAt.ToUnixTimeMilliseconds(),
                    now = now.ToUnixTimeMilliseconds(),
                },
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
        return changed == 1;
    }

    public async Task<bool> TryEndAsync(
        IPAddress address,
        MacAddress mac,
        LeaseState state,
        DateTimeOffset expiresAt,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var changed = await connection.ExecuteAsync(
            new CommandDefinition(
                """
                UPDATE lease SET state = @state, expires_at = @expiresAt
                WHERE address = @address AND mac = @mac AND state IN ('Offered', 'Bound')
                """,
                new
                {
                    address = (long)address.Number(),
                    mac = mac.ToString(),
                    state = state.ToString(),
                    expiresAt = expiresAt.ToUnixTimeMilliseconds(),
                },
                commandTimeout: PatienceSeconds,
                cancellationToken: cancellation
            )
        );
        return changed == 1;
    }

    private sealed record Row(long Address, string Mac, string ClientId, string HostName, string State, long ExpiresAt)
    {
        public Lease ToLease() =>
            new(
                Ipv4.Address((uint)Address),
                MacAddress.Parse(Mac),
                ClientId,
                HostName,
                Enum.Parse<LeaseState>(State),
                DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt)
            );
    }
}
