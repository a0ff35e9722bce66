using System.Data.Common;
using Dapper;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

/// <summary>What only a database server can do to us, and we to it.</summary>
public sealed class PostgreSqlDatabaseTests : IAsyncLifetime
{
    private readonly string _connection = PostgreSqlServer.Programs is null
        ? "Host=/nowhere"
        : PostgreSqlServer.Shared.NewDatabase();

    private FarmDatabase _database = null!;

    // The same database, which ends after a second what takes longer.
    private FarmDatabase _impatient = null!;

    public Task InitializeAsync()
    {
        _database = FarmDatabase.PostgreSql(new(_connection, 8));
        _impatient = FarmDatabase.PostgreSql(new(_connection, 8, TimeSpan.FromSeconds(1)));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _impatient.DisposeAsync();
        await _database.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_statement_that_takes_too_long_is_ended_and_the_next_works()
    {
        await using var connection = await _impatient.ConnectAsync();
        var ended = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync("SELECT pg_sleep(60)"));
        Assert.Contains("timeout", ended.Message, StringComparison.Ordinal);
        Assert.Equal(1, await connection.QuerySingleAsync<int>("SELECT 1"));
    }

    [PostgreSqlFact]
    public async Task A_transaction_that_is_left_alone_gives_its_rows_back()
    {
        await _database.OpenAsync();
        var claims = new ClaimTable(_database);
        await using var frozen = await _impatient.ConnectAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await frozen.ExecuteAsync(
            "INSERT INTO claim (kind, value, owner) VALUES ('DeviceName', 'pc07', 'frozen')",
            transaction: transaction
        );
        // Waits for the other's row at first, in vain or not: whoever froze does not have it in the end.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await claims.ClaimAsync(ClaimKind.DeviceName, "pc07", "awake") == "awake";
            }
            catch (DbException)
            {
                return false;
            }
        });
        await Assert.ThrowsAnyAsync<DbException>(() => transaction.CommitAsync());
    }

    [PostgreSqlFact]
    public async Task A_crowd_shares_few_connections()
    {
        await _database.OpenAsync();
        var claims = new ClaimTable(_database);
        var owners = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(i => claims.ClaimAsync(ClaimKind.DeviceName, $"pc{i}", "one"))
        );
        Assert.All(owners, o => Assert.Equal("one", o));
        await using var connection = await _database.ConnectAsync();
        var open = await connection.QuerySingleAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        );
        Assert.InRange(open, 1, 2);
    }

    [PostgreSqlFact]
    public async Task Connections_that_broke_are_replaced()
    {
        await _database.OpenAsync();
        await using (var killer = await _database.ConnectAsync())
            await killer.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            );
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await new ClaimTable(_database).ClaimAsync(ClaimKind.DeviceName, "pc07", "one");
                return true;
            }
            catch (DbException)
            {
                return false;
            }
        });
    }

    [Fact]
    public void Its_name_has_no_secret_and_bounds_hold_whatever_the_operator_wrote()
    {
        var settings = new PostgreSqlSettings(
            "Host=db1;Database=farm;Username=me;Password=hush;Maximum Pool Size=999",
            24
        );
        Assert.Equal("PostgreSQL farm at db1:5432", settings.Name);
        Assert.Contains("Maximum Pool Size=6", settings.OfPool(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PostgreSqlSettings("Hots=db1").OfPool());
    }
}
