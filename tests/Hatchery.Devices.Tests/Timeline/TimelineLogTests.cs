using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class TimelineLogTests : IDisposable
{
    private static readonly DeviceId s_device = new(Guid.NewGuid());
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task Steps_wait_for_a_database_that_is_away()
    {
        var database = FarmDatabase.Sqlite(_folder["late/farm.db"]);
        await using var timeline = Log(database);
        timeline.Add(Step("offered"));
        Directory.CreateDirectory(_folder["late"]);
        await database.OpenAsync();
        await Eventually.TrueAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            return (await timeline.ReadAsync(s_device)).Count == 1;
        });
    }

    [Fact]
    public async Task Whoever_watches_sees_each_step_until_he_is_done()
    {
        await using var timeline = Log(FarmDatabase.Sqlite(_folder["nowhere/farm.db"]));
        var seen = new List<string>();
        timeline.Add(Step("discovered"));
        using (timeline.Watch(step => seen.Add(step.Step)))
        {
            timeline.Add(Step("offered"));
            timeline.Add(Step("requested"));
        }
        timeline.Add(Step("running"));
        Assert.Equal(["offered", "requested"], seen);
    }

    [Fact]
    public async Task The_same_step_again_within_seconds_is_one()
    {
        await using var timeline = Log(FarmDatabase.Sqlite(_folder["nowhere/farm.db"]));
        var seen = new List<TimelineStep>();
        using var _ = timeline.Watch(seen.Add);
        for (var i = 0; i < 100; i++)
        {
            timeline.Add(Step("login-refused"));
            _time.Advance(TimeSpan.FromMilliseconds(200));
        }
        Assert.Equal(2, seen.Count);
        timeline.Add(Step("login-refused", "for another reason"));
        timeline.Add(Step("login-refused", "for another reason") with { Device = new(Guid.NewGuid()) });
        Assert.Equal(4, seen.Count);
    }

    private TimelineLog Log(FarmDatabase database) =>
        new(database, NullLogger<TimelineLog>.Instance, _time, bufferMax: 8);

    private TimelineStep Step(string step, string detail = "") => new(s_device, _time.GetUtcNow(), step, "one", detail);
}
