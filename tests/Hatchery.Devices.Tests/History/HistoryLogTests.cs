using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class HistoryLogTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TestDatabase _own = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _own.Dispose();

    [Fact]
    public async Task Command_is_there_when_it_begins_and_says_how_it_ended()
    {
        await using var log = await OpenAsync();
        var row = Row(0) with { About = ["device:pc07"] };
        log.Put(row);
        Assert.Equal(HistoryOutcomes.UnderWay, (await ReadAsync(log, 1))[0].Outcome);
        log.Put(
            row with
            {
                Outcome = HistoryOutcomes.Failed,
                Detail = "no vDisk debian",
                About = ["device:pc07", "device:11"],
            }
        );
        HistoryRow? read = null;
        await Eventually.TrueAsync(async () => (read = Assert.Single(await ReadAsync(log, 1))).Outcome != row.Outcome);
        Assert.Equal("device:pc07 device:11", string.Join(' ', read!.About));
        Assert.Equal(
            row with
            {
                Outcome = "failed",
                Detail = "no vDisk debian",
                About = default,
            },
            read with
            {
                About = default,
            }
        );
    }

    [Fact]
    public async Task Only_the_latest_stay()
    {
        await using var log = await OpenAsync(new(RowsMax: 10));
        await using var other = await OpenAsync(new(RowsMax: 10));
        for (var i = 0; i < 300; i++)
            (i % 2 == 0 ? log : other).Put(Row(i));
        await Eventually.TrueAsync(async () =>
        {
            // Each cuts with what it writes; the last to write has cut last.
            var rows = await log.ReadAsync(new([], CountMax: 1000));
            return rows.Count == 10
                && rows.Select(r => r.Command).SequenceEqual(Enumerable.Range(290, 10).Select(Command));
        });
    }

    [Fact]
    public async Task Commands_are_found_by_what_they_name_by_who_gave_them_and_by_time()
    {
        await using var log = await OpenAsync();
        log.Put(Row(0) with { By = "ann@desk", About = ["device:pc07"] });
        log.Put(Row(1) with { By = "ann", About = ["device:pc07", "vdisk:debian"] });
        log.Put(Row(2) with { By = "anna@desk", About = ["device:pc070"] });
        log.Put(Row(3) with { By = "a%@desk", About = ["vdisk:debian-2"] });
        await ReadAsync(log, 4);

        await FindsAsync(
            [0, 1],
            new([
                ["device:pc07"],
            ])
        );
        await FindsAsync(
            [1],
            new([
                ["device:pc07"],
                ["vdisk:debian"],
            ])
        );
        await FindsAsync(
            [0, 1, 2],
            new([
                ["device:pc07", "device:pc070"],
            ])
        );
        await FindsAsync(
            [],
            new([
                ["device:pc0_"],
            ])
        );
        await FindsAsync([0, 1], new([], By: "ann"));
        await FindsAsync([0], new([], By: "ann@desk"));
        await FindsAsync([3], new([], By: "a%"));
        await FindsAsync([1, 2], new([], Since: s_start.AddSeconds(1), Until: s_start.AddSeconds(3)));
        await FindsAsync([2, 3], new([], CountMax: 2));

        async Task FindsAsync(int[] expected, HistoryQuery query) =>
            Assert.Equal(expected.Select(Command), (await log.ReadAsync(query)).Select(r => r.Command));
    }

    [Fact]
    public async Task Text_that_a_database_refuses_and_text_that_is_too_long_are_kept_as_far_as_can_be()
    {
        await using var log = await OpenAsync();
        log.Put(
            Row(0) with
            {
                By = new string('b', 200),
                Command = "a\0b\ud800" + new string('c', 5000),
                Detail = new string('d', 5000),
            }
        );
        var row = (await ReadAsync(log, 1))[0];
        Assert.Equal((128, 2000, 500), (row.By.Length, row.Command.Length, row.Detail.Length));
        Assert.StartsWith("a\ufffdb\ufffdc", row.Command, StringComparison.Ordinal);
        Assert.EndsWith("c\u2026", row.Command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_database_away_the_latest_wait_and_what_is_lost_is_counted()
    {
        using var folder = new TempFolder();
        var database = FarmDatabase.Sqlite(folder["late/farm.db"]);
        await using (var log = new HistoryLog(database, new(WaitingMax: 4), NullLogger<HistoryLog>.Instance, _time))
        {
            log.Put(Row(0));
            await Eventually.TrueAsync(() => log.Waiting > 0);
            for (var i = 1; i < 6; i++)
            {
                log.Put(Row(i));
                log.Put(Row(i) with { Outcome = HistoryOutcomes.Done });
            }
            // The first is in the batch that is tried again; of the others, 4 and 5 wait, and each of 1 to 3 has lost its end.
            Assert.Equal((5, 3), (log.Waiting, log.Dropped));
            Directory.CreateDirectory(folder["late"]);
            await database.OpenAsync();
            await Eventually.TrueAsync(async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(30));
                return (await log.ReadAsync(new([]))).Count(r => r.Outcome == HistoryOutcomes.Done) == 2;
            });
            Assert.Equal([0, 4, 5], (await log.ReadAsync(new([]))).Select(r => (int)(r.At - s_start).TotalSeconds));
            await Eventually.TrueAsync(() => log.Waiting == 0);
            Assert.Equal(3, log.Dropped);
        }
        await database.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private async Task<HistoryLog> OpenAsync(HistoryLimits? limits = null)
    {
        var database = _own.Open();
        await database.OpenAsync();
        return new(database, limits ?? new(), NullLogger<HistoryLog>.Instance, _time);
    }

    private static async Task<IReadOnlyList<HistoryRow>> ReadAsync(HistoryLog log, int count)
    {
        IReadOnlyList<HistoryRow> rows = [];
        await Eventually.TrueAsync(async () => (rows = await log.ReadAsync(new([]))).Count == count);
        return rows;
    }

    private static string Command(int i) => $"device add pc{i}";

    private static HistoryRow Row(int i) =>
        new(new(i + 1, 0, 0, new byte[8]), s_start.AddSeconds(i), "ann", "one", Command(i), []);
}
