using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>One of three servers dies under many machines that write now and then: each goes on where the copy of its write cache is.</summary>
public sealed class CrowdFailoverTests(ITestOutputHelper output)
{
    private const string Dies = "alpha";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>A block and a flush every five seconds: of a thousand machines, with two copies, 400 syncs a second.</summary>
    private static readonly PersistentWork s_work = new(Blocks: 4, WritesPerFlush: 1, TimeSpan.FromSeconds(5));

    /// <summary>The farm's founder dies, which has coordinators and leader with it.</summary>
    [PostgreSqlNamespaceFact]
    [Trait("Tier", "full")]
    public async Task Of_a_thousand_machines_those_whose_server_dies_are_served_within_five_seconds_and_half_of_them_within_two()
    {
        var times = await KillAsync(1000);
        Assert.InRange(times[times.Length / 2], TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(times[^1], TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    /// <summary>How long after the kill each machine of that server had its first write answered elsewhere, in order.</summary>
    private async Task<TimeSpan[]> KillAsync(int machines)
    {
        await using var farm = await FarmLab.StartMirroredAsync(output, CrowdNetwork.Configuration);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await using var crowd = await Crowd.AddAsync(farm, machines, s_limit);
        using var limit = new CancellationTokenSource(s_limit);
        await crowd.BootAsync(limit.Token);
        var running = await Task.WhenAll(crowd.Machines.Select(m => m.RunAsync(s_work)));
        await UntilAsync(farm, machines, "select count(*) from session where phase = 'Open' and members like '%,%'");
        _ = Stalls(running);
        // Each has flushed each of its blocks.
        await Task.WhenAll(running.Select(m => m.GoesOnAsync(s_work.Blocks)));
        var mirrored = int.Parse(
            (
                await farm.QueryAsync(
                    $"select count(*) from session where streamer <> '{Dies}' and members like '%{Dies}%'"
                )
            )[0],
            CultureInfo.InvariantCulture
        );
        Report("longest write of each before", Stalls(running));

        var load = Failover.Load;
        var (lost, others) = (
            running.Where(m => m.Server == Dies).ToArray(),
            running.Where(m => m.Server != Dies).ToArray()
        );
        var killed = Stopwatch.GetTimestamp();
        await farm.Servers[Dies].KillAsync();
        await Eventually.TrueAsync(() => lost.All(m => m.ServedAgain(killed) is not null), s_limit);
        var times = lost.Select(m => m.ServedAgain(killed)!.Value).Order().ToArray();
        // All that each has flushed is there, or this fails.
        await Task.WhenAll(running.Select(m => m.GoesOnAsync(2)));
        output.WriteLine(
            $"{Dies} killed under {lost.Length} of {machines} machines, and copies of {mirrored} others; load {load} before, {Failover.Load} after"
        );
        Report("served again", times);
        output.WriteLine(
            $"by half seconds: {string.Join(' ', Enumerable.Range(1, (int)(times[^1].TotalSeconds * 2) + 1).Select(n => times.Count(t => t.TotalSeconds * 2 < n)))}"
        );
        Report($"longest write of the {others.Length} others", Stalls(others));
        return times;
    }

    private static Task UntilAsync(FarmLab farm, int count, string sql) =>
        Eventually.TrueAsync(
            async () =>
                await farm.QueryAsync(sql) is [var found] && int.Parse(found, CultureInfo.InvariantCulture) == count,
            s_limit
        );

    private static TimeSpan[] Stalls(PersistentMachine[] machines) =>
        [.. machines.Select(m => m.TakeLongestStall()).Order()];

    private void Report(string what, TimeSpan[] times) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: median {times[times.Length / 2].TotalSeconds:0.00} s, 95th of a hundred {times[times.Length * 95 / 100].TotalSeconds:0.00} s, longest {times[^1].TotalSeconds:0.00} s"
            )
        );
}
