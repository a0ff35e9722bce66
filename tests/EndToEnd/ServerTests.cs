using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What an operator sees of the process: how soon, how big, and what it says when it cannot.</summary>
public sealed class ServerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(30);

    [Trait("Tier", "full")]
    [NamespaceFact]
    public async Task A_server_is_ready_2_s_after_its_start()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        await lab.Server.StartAsync();
        await lab.Server.StopAsync();

        var started = Stopwatch.GetTimestamp();
        await lab.Server.StartAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 2);
    }

    [NamespaceFact]
    public async Task A_server_at_rest_holds_no_more_than_150_MB()
    {
        await using var lab = await BootLab.StartAsync(output);
        var status = await File.ReadAllLinesAsync($"/proc/{lab.Server.Process.Id}/status");
        var resident = Assert.Single(status, l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        output.WriteLine(resident);
        Assert.InRange(int.Parse(resident.Split(' ')[^2], CultureInfo.InvariantCulture), 0, 150_000);
    }

    [NamespaceFact]
    public async Task SIGTERM_ends_a_server_in_good_order()
    {
        await using var lab = await BootLab.StartAsync(output);
        Assert.Equal(0, await lab.Server.StopAsync());
    }

    [NamespaceFact]
    public async Task A_wrong_configuration_is_one_line_with_its_place_and_the_server_does_not_run()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        var file = lab.PathOf("wrong.conf");
        await File.WriteAllTextAsync(file, "hatchery {\n  address = [\n}\n");
        await using var server = new ServerProcess(file, BootLab.EnvironmentOf(lab.ServerFolder), lab.Inside);
        await server.StartWithoutWaitingAsync();

        Assert.NotEqual(0, await server.Process.WaitForExitAsync(s_endLimit));
        var said = Assert.Single(server.Process.Output.Lines);
        Assert.Contains(file, said, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public async Task A_port_in_use_is_one_line_that_names_it_and_the_server_does_not_run()
    {
        await using var lab = await BootLab.StartAsync(output);
        var other = Directory.CreateDirectory(lab.PathOf("other")).FullName;
        await using var second = new ServerProcess(BootLab.Configuration, BootLab.EnvironmentOf(other), lab.Inside);
        await second.StartWithoutWaitingAsync();

        Assert.NotEqual(0, await second.Process.WaitForExitAsync(s_endLimit));
        var said = Assert.Single(second.Process.Output.Lines, l => l.StartsWith("hatchery:", StringComparison.Ordinal));
        Assert.Contains("use", said, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public async Task A_server_that_may_open_too_few_files_says_so_and_runs()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        string[] program = ["prlimit", "--nofile=2048:2048", SourceTree.Executable("Hatchery.Server", "hatchery")];
        var environment = BootLab.EnvironmentOf(lab.ServerFolder);
        await using var server = new ServerProcess(BootLab.Configuration, environment, lab.Inside, program);
        await server.StartAsync();
        var said = Assert.Single(
            server.Process.Output.Lines,
            l => l.Contains("only 2048 files may be open", StringComparison.Ordinal)
        );
        Assert.Contains("LimitNOFILE=", said, StringComparison.Ordinal);
        Assert.Contains("2048", await server.PbmAsync("server", "show"), StringComparison.Ordinal);
        await server.StopAsync();
    }

    [NamespaceFact("nbdinfo", "python3")]
    public async Task Five_thousand_idle_connections_to_every_port_leave_operators_and_machines_served()
    {
        await using var lab = await BootLab.StartAsync(output);
        // Fifty from each of a hundred addresses: within an address's share, and in all far more than a service takes.
        const string Crowd = """
            import socket, sys, time
            host, port = sys.argv[1], int(sys.argv[2])
            held = []
            for i in range(5000):
                s = socket.socket()
                s.bind(("127.0.%d.%d" % (1 + i // 50, 1 + i % 50), 0))
                try:
                    s.connect((host, port))
                    held.append(s)
                except OSError:
                    s.close()
            print("crowded", flush=True)
            time.sleep(600)
            """;
        var crowds = new List<WatchedProcess>();
        try
        {
            foreach (
                var (host, port) in (ValueTuple<string, string>[])
                    [
                        (BootLab.ServerAddress, "3260"),
                        (BootLab.ServerAddress, "10809"),
                        (BootLab.ServerAddress, "8069"),
                        ("127.0.0.1", "9110"),
                    ]
            )
                crowds.Add(WatchedProcess.Start("crowd", lab.Inside, ["python3", "-c", Crowd, host, port]));
            foreach (var crowd in crowds)
                await crowd.Output.WaitForAsync("crowded", TimeSpan.FromMinutes(3));
            await AssertServedAsync(lab);
        }
        finally
        {
            foreach (var crowd in crowds)
                await crowd.DisposeAsync();
        }
    }

    private async Task AssertServedAsync(BootLab lab)
    {
        var shown = await lab.Server.PbmJsonAsync("server", "show");
        foreach (var limit in shown.GetProperty("limits").EnumerateArray())
        {
            var (what, open, max) = (
                limit.GetProperty("what").GetString(),
                limit.GetProperty("open").GetInt64(),
                limit.GetProperty("max").GetInt64()
            );
            output.WriteLine($"{what}: {open} of {max}, {limit.GetProperty("evicted").GetInt64()} gave way");
            Assert.True(open <= max, $"{what}: {open} of {max}");
        }
        await Clients.RunAsync(lab, "nbdinfo", "--list", $"nbd://{BootLab.ServerAddress}");
        await Clients.RunAsync(
            lab,
            "curl",
            "--silent",
            "--fail",
            $"http://{BootLab.ServerAddress}:8069/boot/52-54-00-77-00-01"
        );
        await lab.Server.PbmAsync("device", "list");
    }

    [NamespaceFact("qemu-img")]
    public async Task An_image_that_is_not_there_is_one_line_and_the_server_goes_on()
    {
        await using var lab = await BootLab.StartAsync(output);
        var missing = lab.PathOf("missing.qcow2");
        var refused = await lab.Server.TryPbmAsync("vdisk", "import", "nothing", missing);
        Assert.NotEqual(0, refused.ExitCode);
        var said = (refused.Output + refused.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(missing, Assert.Single(said), StringComparison.Ordinal);
        await lab.Server.PbmAsync("vdisk", "list");
    }

    [NamespaceFact("qemu-img")]
    public async Task A_full_disk_is_one_line_and_loses_nothing()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        // More than what is left when the server has set its reserve of 16 MiB aside.
        const int SizeBytes = 60 << 20;
        var (big, small) = (new byte[SizeBytes], new byte[1 << 20]);
        var random = Seed.New(output);
        random.NextBytes(big);
        random.NextBytes(small);
        await File.WriteAllBytesAsync(lab.PathOf("big"), big);
        await File.WriteAllBytesAsync(lab.PathOf("small"), small);
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", lab.ServerFolder]);
        try
        {
            await lab.Server.StartAsync();
            await lab.Server.PbmAsync("vdisk", "import", "small", lab.PathOf("small"));
            var refused = await lab.Server.TryPbmAsync("vdisk", "import", "big", lab.PathOf("big"));
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Single((refused.Output + refused.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));

            await lab.Server.StopAsync();
            await lab.Server.StartAsync();
            var listed = await lab.Server.PbmAsync("vdisk", "list");
            Assert.Contains("small", listed, StringComparison.Ordinal);
            Assert.DoesNotContain("big", listed, StringComparison.Ordinal);
            Assert.Equal(small, await File.ReadAllBytesAsync(lab.StoredImage(lab.PathOf("small"))));
        }
        finally
        {
            await lab.Server.DisposeAsync();
            await Tool.RunAsync("umount", ["-l", lab.ServerFolder]);
        }
    }
}
