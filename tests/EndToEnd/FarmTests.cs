using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Two and three servers as one farm.</summary>
[Trait("Tier", "vm")]
public sealed class FarmTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Each attempt is a program of its own, and a machine has two cores.</summary>
    private const int KeepersMax = 2;
    private static readonly TimeSpan s_attempts = TimeSpan.FromMilliseconds(500);

    [PostgreSqlNamespaceFact]
    public async Task Machine_boots_from_a_farm_whose_first_server_is_dead_and_what_was_there_answers_elsewhere()
    {
        await using var farm = await FarmLab.StartAsync(output);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await farm.AddVDiskAsync();
        for (var i = 1; i <= 8; i++)
            await farm.AddDeviceAsync(i % 2 == 0 ? "beta" : "gamma", i);

        // A boot script of any server lists all; the machine's first is killed before it turns to it.
        var (servers, export) = await farm.ScriptAsync("beta", 1);
        Assert.Equal(["alpha", "beta", "gamma"], servers.Order(StringComparer.Ordinal));
        var first = servers[0];
        var left = servers[1..];
        var keepers = (await farm.KeepersAtAsync(first)).Take(KeepersMax).ToArray();
        output.WriteLine($"{first} is killed; it had the keepers of {string.Join(", ", keepers)}");
        await farm.Servers[first].KillAsync();
        var took = await AnsweredAsync(farm.Servers[left[0]], keepers);
        output.WriteLine($"its shards answered elsewhere after {took.TotalSeconds:0.00} s");
        Assert.True(took < TimeSpan.FromSeconds(30), $"{took}");

        var booted = "";
        foreach (var server in servers)
        {
            var uri = $"nbd://{FarmLab.AddressOf(server)}/{export}";
            var run = await farm.ClientAsync("qemu-io", "-f", "raw", "-c", "write -P 7 0 1M", "-c", "flush", uri);
            Assert.Equal(server == first, run.ExitCode != 0);
            booted = server;
            if (run.ExitCode == 0)
                break;
        }
        Assert.Equal(left[0], booted);

        // The same boot at the other server: it says who has the write cache, and takes nothing from it.
        var wrong = $"nbd://{FarmLab.AddressOf(left[1])}/{export}";
        var refused = await farm.ClientAsync("qemu-io", "-f", "raw", "-r", "-c", "read 0 1M", wrong);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"streamed by {FarmLab.AddressOf(booted)}", refused.Errors, StringComparison.Ordinal);
        var right = $"nbd://{FarmLab.AddressOf(booted)}/{export}";
        var read = await farm.ClientAsync("qemu-io", "-f", "raw", "-r", "-c", "read -P 7 0 1M", right);
        Assert.True(read.ExitCode == 0, read.Output + read.Errors);

        await farm.Servers[first].StartAsync();
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
    }

    [PostgreSqlNamespaceFact]
    public async Task Server_that_was_declared_dead_comes_back_in_the_same_process_while_its_sessions_go_on()
    {
        await using var farm = await FarmLab.StartAsync(output);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await farm.AddVDiskAsync();
        await farm.AddDeviceAsync("alpha", 1);
        await farm.AddDeviceAsync("alpha", 2);

        // A draining server is in no list, wherever the script is from.
        await farm.Servers["beta"].PbmAsync("server", "drain", "alpha");
        await Eventually.TrueAsync(async () =>
            !(await farm.ScriptAsync("gamma", 2)).Servers.Contains("alpha", StringComparer.Ordinal)
        );
        await farm.Servers["gamma"].PbmAsync("server", "resume", "alpha");

        var (_, export) = await farm.ScriptAsync("gamma", 1);
        string[] once = ["-c", "write -P 7 0 1M", "-c", "flush", "-c", "read -P 7 0 1M", "-c", "sleep 200"];
        await using var machine = farm.Start(
            "machine",
            [
                "qemu-io",
                "-f",
                "raw",
                .. Enumerable.Repeat(once, 100).SelectMany(c => c),
                $"nbd://{FarmLab.AddressOf("gamma")}/{export}",
            ]
        );
        await machine.Output.WaitForAsync("read 1048576/1048576", s_limit, occurrence: 3);
        var process = farm.Servers["gamma"].Process.Id;
        await farm.Servers["beta"].PbmAsync("cluster", "down", "-a", farm.NodeOf("gamma"));
        await farm.Servers["gamma"].Process.Output.WaitForAsync("is a member of the cluster again", s_limit);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        var before = machine.Output.Lines.Count;
        await Eventually.TrueAsync(() => machine.Output.Lines.Count > before + 10);
        Assert.Equal(process, farm.Servers["gamma"].Process.Id);
        Assert.Equal(0, await machine.WaitForExitAsync(s_limit));
        Assert.DoesNotContain("error", machine.Output.Transcript(), StringComparison.OrdinalIgnoreCase);
        var status = await farm.Servers["gamma"].PbmJsonAsync("farm", "status");
        Assert.Equal(3, status.GetProperty("members").GetInt32());
        Assert.Equal(3, status.GetProperty("servers").GetArrayLength());
    }

    [PostgreSqlNamespaceFact]
    public async Task Two_servers_with_tls_go_on_by_the_lease_when_one_dies_and_a_stranger_is_refused()
    {
        await using var farm = await FarmLab.StartTwoAsync(output);
        await farm.UntilMembersAsync("alpha", "beta");
        await farm.AddVDiskAsync();
        for (var i = 1; i <= 8; i++)
            await farm.AddDeviceAsync(i % 2 == 0 ? "alpha" : "beta", i);

        // The founder is the oldest: the coordinators of the shards die with it. Then the one that went on, which has the lease.
        foreach (var (dies, lives) in new[] { ("alpha", "beta"), ("beta", "alpha") })
        {
            var keepers = (await farm.KeepersAtAsync(dies)).Take(KeepersMax).ToArray();
            output.WriteLine($"{dies} is killed; it had the keepers of {string.Join(", ", keepers)}");
            await farm.Servers[dies].KillAsync();
            var took = await AnsweredAsync(farm.Servers[lives], keepers);
            output.WriteLine($"its shards answered elsewhere after {took.TotalSeconds:0.00} s");
            Assert.True(took < TimeSpan.FromSeconds(30), $"{took}");
            await farm.UntilMembersAsync(lives);
            // A server that dies while it has the lease leaves the other one without.
            await farm.Servers[lives].Process.Output.WaitForAsync("SBR releasing lease", s_limit);
            await farm.Servers[dies].StartAsync();
            await farm.UntilMembersAsync("alpha", "beta");
        }

        var stranger = await farm.AddStrangerAsync("gamma");
        await stranger.StartWithoutWaitingAsync();
        Assert.Equal(1, await stranger.Process.WaitForExitAsync(s_limit));
        Assert.Single(
            stranger.Process.Output.Lines,
            l => l.StartsWith("hatchery: no server of the farm let this one in", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("Unhandled exception", stranger.Transcript(), StringComparison.Ordinal);
        foreach (var server in new[] { "alpha", "beta" })
            Assert.Contains(
                farm.Servers[server].Process.Output.Lines,
                l =>
                    l.Contains($"connection from {FarmLab.AddressOf("gamma")}:", StringComparison.Ordinal)
                    && l.Contains("certificate is not trusted here", StringComparison.Ordinal)
            );
        await farm.UntilMembersAsync("alpha", "beta");
        Assert.NotEmpty(await farm.KeepersAtAsync("alpha"));
        await farm.Servers["alpha"].PbmAsync("device", "show", BootLab.MachineName(1));
    }

    /// <summary>From now until each of these devices' keepers has carried a command out: one is sent every so often.</summary>
    private static async Task<TimeSpan> AnsweredAsync(ServerProcess server, IReadOnlyList<string> devices)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(s_attempts);
        var attempts = devices.ToDictionary(
            d => d,
            _ => new List<Task<(TimeSpan At, bool Done)>>(),
            StringComparer.Ordinal
        );
        for (var number = 0; Stopwatch.GetElapsedTime(since) < s_limit && await timer.WaitForNextTickAsync(); number++)
        {
            foreach (var (device, asked) in attempts)
                if (asked.Count == 0 || !asked.Any(a => a is { IsCompletedSuccessfully: true, Result.Done: true }))
                    asked.Add(AskAsync(server, device, number, since));
            if (attempts.Values.All(asked => asked.Any(a => a is { IsCompletedSuccessfully: true, Result.Done: true })))
                break;
        }
        await Task.WhenAll(attempts.Values.SelectMany(a => a));
        return attempts.Values.Max(asked =>
            asked.Where(a => a.Result.Done).Select(a => a.Result.At).DefaultIfEmpty(TimeSpan.MaxValue).Min()
        );
    }

    private static async Task<(TimeSpan At, bool Done)> AskAsync(
        ServerProcess server,
        string device,
        int number,
        long since
    )
    {
        var arguments = $"attempt={number.ToString(CultureInfo.InvariantCulture)}";
        var answer = await server.TryPbmAsync("device", "set", device, "--arguments", arguments);
        return (Stopwatch.GetElapsedTime(since), answer.ExitCode == 0);
    }
}
