using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A server with many machines that write is drained: an operator sees how far it is, is interrupted, goes on, takes it back; and it dies while it drains.</summary>
[Trait("Tier", "vm")]
public sealed partial class DrainTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private static readonly PersistentWork s_work = new(Blocks: 4, WritesPerFlush: 1, TimeSpan.FromSeconds(1));

    /// <summary>With one on its way at a time a drain takes long enough to be interrupted in the middle.</summary>
    private static readonly string s_configuration = $"""
        {FarmLab.Patient}
        {CrowdNetwork.Configuration}
        hatchery.mirroring.moves-max = 1
        """;

    [PostgreSqlNamespaceFact]
    public async Task Half_a_hundred_machines_leave_a_server_and_its_operator_sees_how_many_have()
    {
        const int machines = 52;
        await using var farm = await FarmLab.StartMirroredAsync(output, s_configuration);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await using var crowd = await Crowd.AddAsync(farm, machines, s_limit);
        var running = await AllAtAsync(farm, crowd, "alpha");

        await using (var operating = await WatchAsync(farm, "beta", "alpha"))
        {
            Assert.Equal(130, await operating.InterruptAsync());
            // It is said when the drain begins, and once more when it is left alone.
            Assert.Equal(2, operating.Output.Lines.Count(l => l.Contains(Hint("alpha"), StringComparison.Ordinal)));
        }
        Assert.Contains(
            "is empty after",
            await farm.Servers["gamma"].PbmAsync("server", "drain", "alpha"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is empty after 0 s",
            await farm.Servers["beta"].PbmAsync("server", "drain", "alpha"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            await farm.QueryAsync("select members from session"),
            m => m.Contains("alpha", StringComparison.Ordinal)
        );
        await WellAsync(running);
        Assert.DoesNotContain(running, m => m.Server == "alpha");
    }

    [PostgreSqlNamespaceFact]
    public async Task Of_two_servers_one_that_drains_is_resumed_in_the_middle_and_dies_in_the_middle_of_the_next_drain()
    {
        const int machines = 24;
        await using var farm = await FarmLab.StartTwoAsync(output, $"{s_configuration}\n{FarmLab.Mirroring}");
        await farm.UntilMembersAsync("alpha", "beta");
        await using var crowd = await Crowd.AddAsync(farm, machines, s_limit);
        var running = await AllAtAsync(farm, crowd, "beta");

        await using (var operators = farm.OperatorAt("alpha"))
        await using (var operating = await WatchAsync(farm, "alpha", "beta"))
        {
            Assert.True(await operators.TryAsync("server", "resume", "beta"));
            await operating.Output.WaitForAsync("server beta was resumed meanwhile", s_limit);
            Assert.Equal(1, await operating.WaitForExitAsync(s_limit));
        }
        await WellAsync(running);
        Assert.Contains(running, m => m.Server == "beta");
        await MirroredAsync(farm, machines);

        await using (var operating = await WatchAsync(farm, "alpha", "beta"))
        {
            await farm.Servers["beta"].KillAsync();
            await operating.Output.WaitForAsync("server beta is empty after", s_limit);
            Assert.Equal(0, await operating.WaitForExitAsync(s_limit));
        }
        await WellAsync(running);
        Assert.All(running, m => Assert.Equal("alpha", m.Server));

        // It drains as it did when it died, until it is told to take devices again.
        await farm.Servers["beta"].StartAsync();
        await farm.UntilMembersAsync("alpha", "beta");
        Assert.Contains(
            "is empty after 0 s",
            await farm.Servers["beta"].PbmAsync("server", "drain", "beta"),
            StringComparison.Ordinal
        );
        await farm.Servers["beta"].PbmAsync("server", "resume", "beta");
        await MirroredAsync(farm, machines);
        await WellAsync(running);
    }

    /// <summary>All have booted at one server, and write there, with a copy elsewhere.</summary>
    private static async Task<PersistentMachine[]> AllAtAsync(FarmLab farm, Crowd crowd, string server)
    {
        string[] others = [.. farm.Servers.Keys.Where(s => s != server)];
        foreach (var other in others)
            await farm.Servers[server].PbmAsync("server", "drain", other, "--no-wait");
        using var limit = new CancellationTokenSource(s_limit);
        await crowd.BootAsync(limit.Token);
        var running = await Task.WhenAll(crowd.Machines.Select(m => m.RunAsync(s_work, others)));
        foreach (var other in others)
            await farm.Servers[server].PbmAsync("server", "resume", other);
        await MirroredAsync(farm, running.Length);
        await Task.WhenAll(running.Select(m => m.GoesOnAsync(s_work.Blocks)));
        Assert.All(running, m => Assert.Equal(server, m.Server));
        _ = running.Max(m => m.TakeLongestStall());
        return running;
    }

    private static Task MirroredAsync(FarmLab farm, int machines) =>
        Eventually.TrueAsync(
            async () =>
                await farm.QueryAsync("select count(*) from session where phase = 'Open' and members like '%,%'")
                    is [var count]
                && int.Parse(count, CultureInfo.InvariantCulture) == machines,
            s_limit
        );

    /// <summary>An operator drains a server, and has seen the first machine leave it, and not the last.</summary>
    private static async Task<WatchedProcess> WatchAsync(FarmLab farm, string at, string drained)
    {
        var operating = WatchedProcess.Start(
            "pbm",
            farm.Insides[at],
            [SourceTree.Executable("Pbm", "pbm"), "server", "drain", drained]
        );
        await Eventually.TrueAsync(() => operating.Output.Lines.Any(l => Left().IsMatch(l)), s_limit);
        return operating;
    }

    /// <summary>All that each has flushed is there, and none has seen an error.</summary>
    private async Task WellAsync(PersistentMachine[] running)
    {
        await Task.WhenAll(running.Select(m => m.GoesOnAsync(s_work.Blocks)));
        output.WriteLine(
            $"{running.Length} machines, longest stall {running.Max(m => m.TakeLongestStall()).TotalSeconds:0.00} s, load {Failover.Load}"
        );
        Assert.Equal(0, running.Sum(m => m.Errors));
    }

    private static string Hint(string server) =>
        $"pbm server drain {server} goes on with it, pbm server resume {server} takes it back";

    [GeneratedRegex(@"; [1-9]\d* of \d+ device\(s\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Left();
}
