using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class DatabaseTests : IDisposable
{
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private readonly TempFolder _folder = new();
    private readonly FarmDatabase _database;

    public DatabaseTests() => _database = FarmDatabase.Sqlite(_folder["farm.db"]);

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

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
        var made = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => FarmDatabase.Sqlite(_folder["farm.db"]).OpenAsync()))
        );
        Assert.Single(made.Select(m => m.Farm).Distinct());
        Assert.Single(made.Select(m => Convert.ToHexString(m.Secret.Span)).Distinct());
        Assert.Equal(32, made[0].Secret.Length);
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
            FarmDatabase.Sqlite(_folder["nowhere/farm.db"]),
            NullLogger<TimelineLog>.Instance,
            TimeProvider.System,
            bufferMax: 8
        );
        for (var i = 0; i < 1000; i++)
            timeline.Add(new(s_device, default, "offered", "one", ""));
        await timeline.DisposeAsync();
    }
}
