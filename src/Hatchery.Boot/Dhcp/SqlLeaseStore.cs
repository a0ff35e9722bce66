using System.Data.Common;
using System.Net;
using Dapper;
using Hatchery.Boot.Net;
using Hatchery.Devices;
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

    private readonly LeaseTransactions _transactions = new(database);

    /// <summary>Transactions that were committed: a crowd shares them.</summary>
    internal long Transactions => _transactions.Committed;

    /// <summary>Makes the table where it is missing.</summary>
    /// <exception cref="NewerSchemaException">It is of a later version.</exception>
    public Task CreateAsync(CancellationToken cancellation) =>
        SchemaUpgrade.RunAsync(
            new(database),
            "leases",
            [
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
            ],
            cancellation
        );

    public async Task<IReadOnlyList<Lease>> OfMachineAsync(MacAddress mac, CancellationToken cancellation)
    {
        var rows = await ReadAsync<Row>(
            $"""
            SELECT {Columns} FROM lease WHERE mac = @mac AND state NOT IN ('Declined', 'InUse')
            ORDER BY expires_at DESC, address
            """,
            new { mac = mac.ToString() },
            cancellation
        );
        return [.. rows.Select(r => r.ToLease())];
    }

    public async Task<Lease?> OfAddressAsync(IPAddress address, CancellationToken cancellation)
    {
        var rows = await ReadAsync<Row>(
            $"SELECT {Columns} FROM lease WHERE address = @address",
            new { address = (long)address.Number() },
            cancellation
        );
        return rows.SingleOrDefault()?.ToLease();
    }

    public async Task<IReadOnlyDictionary<uint, LeaseEnd>> EndsAsync(
        uint first,
        uint last,
        CancellationToken cancellation
    )
    {
        var rows = await ReadAsync<(long Address, long ExpiresAt, string State)>(
            "SELECT address, expires_at, state FROM lease WHERE address BETWEEN @first AND @last",
            new { first = (long)first, last = (long)last },
            cancellation
        );
        return rows.ToDictionary(
            r => (uint)r.Address,
            r => new LeaseEnd(DateTimeOffset.FromUnixTimeMilliseconds(r.ExpiresAt), Enum.Parse<LeaseState>(r.State))
        );
    }

    public async Task<IReadOnlyList<Lease>> ListAsync(uint after, int most, CancellationToken cancellation)
    {
        var rows = await ReadAsync<Row>(
            $"SELECT {Columns} FROM lease WHERE address > @after ORDER BY address LIMIT @most",
            new { after = (long)after, most },
            cancellation
        );
        return [.. rows.Select(r => r.ToLease())];
    }

    public Task<bool> TryTakeAsync(
        Lease lease,
        DateTimeOffset now,
        bool isOverOffers,
        CancellationToken cancellation
    ) =>
        WriteAsync(
            lease.Address,
            """
            INSERT INTO lease (address, mac, client_id, hostname, state, expires_at)
            VALUES (@address, @mac, @clientId, @hostName, @state, @expiresAt)
            ON CONFLICT (address) DO UPDATE SET
                mac = excluded.mac, client_id = excluded.client_id, hostname = excluded.hostname,
                state = excluded.state, expires_at = excluded.expires_at
            WHERE lease.expires_at <= @now
                OR (@isOverOffers AND lease.state = 'Offered')
                OR (lease.mac = excluded.mac AND (lease.state <> 'Bound' OR excluded.state = 'Bound')
                    AND lease.state NOT IN ('Declined', 'InUse'))
            """,
            new
            {
                address = (long)lease.Address.Number(),
                mac = lease.Mac.ToString(),
                clientId = SqlText.Of(lease.ClientId),
                hostName = SqlText.Of(lease.HostName),
                state = lease.State.ToString(),
                expiresAt = lease.ExpiresAt.ToUnixTimeMilliseconds(),
                now = now.ToUnixTimeMilliseconds(),
                isOverOffers,
            },
            cancellation
        );

    public Task<bool> TryEndAsync(
        IPAddress address,
        MacAddress mac,
        LeaseState state,
        DateTimeOffset expiresAt,
        CancellationToken cancellation
    ) =>
        WriteAsync(
            address,
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
            cancellation
        );

    private Task<IEnumerable<T>> ReadAsync<T>(string sql, object parameters, CancellationToken cancellation) =>
        _transactions.RunAsync(
            null,
            (connection, transaction) => connection.QueryAsync<T>(Command(sql, parameters, transaction)),
            cancellation
        );

    /// <returns>True where a row was written.</returns>
    private Task<bool> WriteAsync(IPAddress address, string sql, object parameters, CancellationToken cancellation) =>
        _transactions.RunAsync(
            address.Number(),
            async (connection, transaction) =>
                await connection.ExecuteAsync(Command(sql, parameters, transaction)) == 1,
            cancellation
        );

    private static CommandDefinition Command(string sql, object parameters, DbTransaction? transaction) =>
        new(sql, parameters, transaction, PatienceSeconds);

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
