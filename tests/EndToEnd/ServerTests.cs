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
