using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>How long it takes until what was at a server that died answers elsewhere, and that nobody is taken for dead who lives.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_promise = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_loaded = TimeSpan.FromMinutes(10);
    private const int Devices = 12;
    private const int Runs = 10;
    private const int ShardCount = 128;

    /// <summary>Loose: the machine may be busy with anything. What it took stands in the output.</summary>
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "vm")]
    public async Task Shards_of_a_dead_server_answer_elsewhere_also_when_it_had_the_coordinator()
    {
        await using var farm = await StartAsync();
        await KillInTurnAsync(farm, 3, s_bound);
        // Nobody asked for most of them.
        await Eventually.TrueAsync(async () => await farm.ShardHomesAsync("beta") == ShardCount, s_bound);
    }

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "full")]
    public async Task One_of_two_servers_that_founds_the_farm_again_alone_has_all_keepers_at_once()
    {
        await using var farm = await FarmLab.StartTwoAsync(output);
        await farm.UntilMembersAsync("alpha", "beta");
        await AddDevicesAsync(farm);
        Assert.NotEmpty(await farm.KeepersAtAsync("beta"));
        await Task.WhenAll(farm.Servers["alpha"].KillAsync(), farm.Servers["beta"].KillAsync());

        await farm.Servers["alpha"].StartAsync();
        await using var asker = farm.OperatorAt("alpha");
        var ready = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(
            Enumerable
                .Range(1, Devices)
                .Select(async i =>
                {
                    var ok = await asker.TryAsync("device", "set", BootLab.MachineName(i), "--arguments", "again");
                    output.WriteLine($"{i}: {ok} after {Stopwatch.GetElapsedTime(ready).TotalSeconds:0.00} s");
                    return ok;
                })
        );
        Assert.All(done, Assert.True);
    }

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "full")]
    public async Task Ten_kills_are_each_over_within_five_seconds()
    {
        await using var farm = await StartAsync();
        await KillInTurnAsync(farm, Runs, s_promise);
    }

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "full")]
    public async Task Nobody_is_declared_dead_in_ten_minutes_of_full_load_and_who_dies_then_is()
    {
        await using var farm = await StartAsync();
        await farm.AddVDiskAsync();
        await farm.AddDeviceAsync("beta", Devices + 1);
        await using var load = await FullLoad.StartAsync(farm, Devices + 1);
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
        while (Stopwatch.GetElapsedTime(since) < s_loaded && await timer.WaitForNextTickAsync())
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Stopwatch.GetElapsedTime(since).TotalMinutes:0} min, load {Failover.Load}: {load.Done}; late heartbeats {Count("heartbeat interval is growing")}, suspected {Count("Marking node as UNREACHABLE")}, declared dead {Count("SBR took decision")}"
                )
            );
        Assert.Equal(0, Count("SBR took decision"));
        await farm.UntilMembersAsync(s_servers);
        await KillInTurnAsync(farm, 3, s_bound);

        int Count(string marker) =>
            farm.Servers.Values.Sum(s =>
                s.Process.Output.Lines.Count(l => l.Contains(marker, StringComparison.Ordinal))
            );
    }

    private async Task<FarmLab> StartAsync()
    {
        // Each command that has no answer yet is a connection.
        const string many = "petabridge.cmd { connections-max = 256, connections-per-address-max = 256 }";
        var farm = await FarmLab.StartAsync(output, $"{many}\n{FullLoad.Settings}");
        await farm.UntilMembersAsync(s_servers);
        await AddDevicesAsync(farm);
        return farm;
    }

    private static async Task AddDevicesAsync(FarmLab farm)
    {
        await using var adds = farm.OperatorAt("alpha");
        Assert.All(
            await Task.WhenAll(
                Enumerable
                    .Range(1, Devices)
                    .Select(i => adds.TryAsync("device", "add", BootLab.MachineName(i), BootLab.Mac(i)))
            ),
            Assert.True
        );
    }

    /// <summary>The server with the coordinator and another one by turns, each started again after it was killed.</summary>
    private async Task KillInTurnAsync(FarmLab farm, int runs, TimeSpan bound)
    {
        var took = new List<Failover>();
        output.WriteLine(Failover.Header);
        for (var run = 0; run < runs; run++)
        {
            var dies = await NextAsync(farm, coordinator: run % 2 == 0);
            var failover = await Failover.OfAsync(farm, dies);
            output.WriteLine(failover.ToString());
            took.Add(failover);
            await farm.Servers[dies].StartAsync();
            await farm.UntilMembersAsync(s_servers);
        }
        Assert.All(took, f => Assert.True(f.Answered < bound, $"{f}"));
    }

    /// <summary>A server with keepers: the one that has the coordinator, or another.</summary>
    private static async Task<string> NextAsync(FarmLab farm, bool coordinator)
    {
        string? next = null;
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var server in s_servers.Reverse())
                    if (
                        await farm.HasCoordinatorAsync(server) == coordinator
                        && (await farm.KeepersAtAsync(server)).Length > 0
                    )
                        next = server;
                return next is not null;
            },
            s_bound * 2
        );
        return next!;
    }
}
