using Akka.Actor;
using Dapper;
using Hatchery.Devices.Configuration;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class DatabaseTests : IDisposable
{
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private readonly TestDatabase _own = new();
    private readonly FarmDatabase _database;

    public DatabaseTests() => _database = _own.Open();

    public void Dispose() => _own.Dispose();

    private static SessionRow Row(long revision, ulong epoch, string streamer = "one") =>
        new(
            s_device,
            revision,
            new(epoch),
            SessionPhase.Opening,
            new(Guid.NewGuid()),
            streamer,
            [streamer],
            [new(Guid.NewGuid())]
        );

    [Fact]
    public async Task Farm_is_made_once_and_all_servers_know_its_secret()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _own.Open().OpenAsync())));
        Assert.Single(made.Select(m => m.Farm).Distinct());
        Assert.Single(made.Select(m => Convert.ToHexString(m.Secret.Span)).Distinct());
        Assert.Equal(32, made[0].Secret.Length);
    }

    [Fact]
    public async Task Who_writes_to_SQLite_waits_in_a_line_and_to_PostgreSQL_does_not()
    {
        using var all = new Barrier(2);
        var (now, most) = (0, 0);
        await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i =>
                    Task.Run(() =>
                        _database.WriteAsync(async _ =>
                        {
                            most = Math.Max(most, Interlocked.Increment(ref now));
                            // Two of PostgreSQL's meet here; nobody meets SQLite's.
                            if (TestDatabase.IsPostgreSql && i < 2)
                                all.SignalAndWait();
                            await Task.Yield();
                            return Interlocked.Decrement(ref now);
                        })
                    )
                )
        );
        if (TestDatabase.IsPostgreSql)
            Assert.InRange(most, 2, 40);
        else
            Assert.Equal(1, most);
    }

    [Fact]
    public async Task Servers_that_start_at_once_on_an_empty_database_are_one_farm()
    {
        using var folder = new TempFolder();
        var systems = new List<ActorSystem>();
        try
        {
            var farms = await Task.WhenAll(
                Enumerable
                    .Range(0, 4)
                    .Select(async i =>
                    {
                        await Task.Yield();
                        var database = _own.Open();
                        var system = ActorSystem.Create("hatchery", FarmActorConfiguration.For(database));
                        lock (systems)
                            systems.Add(system);
                        return await Farm.StartAsync(system, database, folder[$"view-{i}.json"], TimeProvider.System);
                    })
            );
            Assert.Single(farms.Select(f => f.Identity.Farm).Distinct());
            Assert.IsType<Reply.Done>(await new DeviceAdministration(farms[0]).AddAsync("pc07", FarmFixture.Macs));
            // What one writes, all read.
            await Eventually.TrueAsync(() => farms.All(f => f.View.Current.Device("pc07") is not null));
        }
        finally
        {
            await Task.WhenAll(systems.Select(s => s.Terminate()));
        }
    }

    [Fact]
    public async Task Tables_of_a_later_version_are_refused_and_left_alone()
    {
        await _database.OpenAsync();
        await using var connection = await _database.ConnectAsync();
        await connection.ExecuteAsync("UPDATE schema_version SET version = 99 WHERE part = 'farm'");
        var refused = await Assert.ThrowsAsync<NewerSchemaException>(() => _own.Open().OpenAsync());
        Assert.Contains("have version 99, and this server knows version", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            99,
            await connection.QuerySingleAsync<int>("SELECT version FROM schema_version WHERE part = 'farm'")
        );
    }

    [Fact]
    public async Task Servers_that_start_at_once_upgrade_once_step_by_step()
    {
        string[] first = ["CREATE TABLE IF NOT EXISTS thing (id INTEGER NOT NULL PRIMARY KEY)"];
        string[] both = [.. first, "ALTER TABLE thing ADD COLUMN more INTEGER NOT NULL DEFAULT 7"];
        await SchemaUpgrade.RunAsync(_database, "things", first, default);
        await using var connection = await _database.ConnectAsync();
        await connection.ExecuteAsync("INSERT INTO thing (id) VALUES (1)");
        // A second ALTER would fail.
        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(_ => Task.Run(() => SchemaUpgrade.RunAsync(_own.Open(), "things", both, default)))
        );
        Assert.Equal(7, await connection.QuerySingleAsync<int>("SELECT more FROM thing"));
        await Assert.ThrowsAsync<NewerSchemaException>(() =>
            SchemaUpgrade.RunAsync(_database, "things", first, default)
        );
    }

    [Fact]
    public async Task Server_that_starts_waits_for_whoever_writes_longer_than_a_statement_may()
    {
        var longer = TimeSpan.FromSeconds(6);
        await SchemaUpgrade.RunAsync(_database, "things", ["CREATE TABLE IF NOT EXISTS thing (id INTEGER)"], default);
        Task<FarmIdentity> starting;
        await using (var connection = await _database.ConnectAsync())
        await using (var writing = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync("UPDATE schema_version SET version = version", transaction: writing);
            starting = Task.Run(() => _own.Open().OpenAsync());
            await Task.WhenAny(starting, Task.Delay(longer));
            await writing.CommitAsync();
        }
        Assert.NotEqual(default, (await starting).Farm);
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_version_before()
    {
        string[] steps = ["CREATE TABLE IF NOT EXISTS thing (id INTEGER NOT NULL PRIMARY KEY)", "SELECT nonsense"];
        await SchemaUpgrade.RunAsync(_database, "things", steps[..1], default);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            SchemaUpgrade.RunAsync(_database, "things", steps, default)
        );
        await SchemaUpgrade.RunAsync(_database, "things", steps[..1], default);
    }

    [Fact]
    public async Task Text_of_strangers_never_stops_the_timeline()
    {
        await _database.OpenAsync();
        var timeline = new TimelineLog(_database, NullLogger<TimelineLog>.Instance, TimeProvider.System);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        string[] details =
        [
            "a\0b",
            "half \ud83d",
            "\udc00 other half",
            new string('x', 254) + "\ud83d\ude00",
            "whole \ud83d\ude00",
        ];
        foreach (var (i, detail) in details.Index())
            timeline.Add(new(s_device, at.AddMinutes(i), "script-sent", "one", detail));
        await timeline.DisposeAsync();
        var read = await timeline.ReadAsync(s_device);
        Assert.Equal(
            ["a\ufffdb", "half \ufffd", "\ufffd other half", new string('x', 254) + "\ufffd", "whole \ud83d\ude00"],
            read.Select(s => s.Detail)
        );
    }

    [Fact]
    public async Task Name_has_one_owner_whoever_asks()
    {
        await _database.OpenAsync();
        var claims = new ClaimTable(_database);
        var owners = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i => Task.Run(() => claims.ClaimAsync(ClaimKind.DeviceName, "pc07", $"owner{i}")))
        );
        Assert.Single(owners.Distinct());
        await claims.ReleaseAsync(owners[0]);
        Assert.Equal("later", await claims.ClaimAsync(ClaimKind.DeviceName, "pc07", "later"));
    }

    [Fact]
    public async Task Session_row_is_read_as_it_was_written()
    {
        await _database.OpenAsync();
        var sessions = new SessionTable(_database);
        Assert.Null(await sessions.ReadAsync(s_device));
        var written = (await sessions.SwapAsync(Row(0, 1)))!;
        var read = (await sessions.ReadAsync(s_device))!;
        Assert.Equal(1, read.Revision);
        Assert.Equal(written.Boot, read.Boot);
        Assert.Equal<string>(["one"], read.Members);
        Assert.Equal<LayerId>(written.Layers, read.Layers);
    }

    [Fact]
    public async Task Of_two_servers_that_swap_the_same_revision_one_wins()
    {
        await _database.OpenAsync();
        var sessions = new SessionTable(_database);
        await sessions.SwapAsync(Row(0, 1));
        var swapped = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => sessions.SwapAsync(Row(1, 2, $"server{i}"))))
        );
        var winner = Assert.Single(swapped, row => row is not null)!;
        Assert.Equal(winner.Streamer, (await sessions.ReadAsync(s_device))!.Streamer);
        Assert.Null(await sessions.SwapAsync(Row(0, 9)));
    }

    [Fact]
    public async Task Timeline_is_read_in_order_after_it_was_written()
    {
        await _database.OpenAsync();
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var timeline = new TimelineLog(_database, NullLogger<TimelineLog>.Instance, TimeProvider.System);
        for (var i = 0; i < 40; i++)
            timeline.Add(new(s_device, start.AddSeconds(i), "offered", "one", i + new string('x', 300)));
        await timeline.DisposeAsync();
        var read = await timeline.ReadAsync(s_device, 10);
        Assert.Equal(Enumerable.Range(30, 10).Select(i => start.AddSeconds(i)), read.Select(s => s.At));
        Assert.All(read, s => Assert.Equal(255, s.Detail.Length));
    }

    [Fact]
    public async Task Timeline_keeps_a_devices_newest_thousand_steps()
    {
        await _database.OpenAsync();
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await using (var timeline = new TimelineLog(_database, NullLogger<TimelineLog>.Instance, TimeProvider.System))
            for (var i = 0; i < 2500; i++)
                timeline.Add(new(s_device, at.AddSeconds(i), "script-sent", "one", $"{i}"));
        await using var reader = new TimelineLog(_database, NullLogger<TimelineLog>.Instance, TimeProvider.System);
        var kept = await reader.ReadAsync(s_device, countMax: 5000);
        Assert.Equal((1000, "1500", "2499"), (kept.Count, kept[0].Detail, kept[^1].Detail));
    }

    [Fact]
    public async Task Timeline_never_holds_up_its_writer_when_the_database_is_away()
    {
        var timeline = new TimelineLog(
            TestDatabase.Away(),
            NullLogger<TimelineLog>.Instance,
            TimeProvider.System,
            bufferMax: 8
        );
        for (var i = 0; i < 1000; i++)
            timeline.Add(new(s_device, default, "offered", "one", ""));
        await timeline.DisposeAsync();
    }
}
