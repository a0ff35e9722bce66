using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// A machine writes a version while others run from the one before: two servers with copies of each other's write caches, and QEMU's NBD client in the
/// machines' place.
/// </summary>
[Trait("Tier", "vm")]
public sealed class MaintenanceTests(ITestOutputHelper output)
{
    private const int Writer = 1;
    private const int User = 2;
    private const string Tester = "--access test";

    /// <summary>A layer takes many seconds to the other server, so what happens until then can be seen.</summary>
    private const string Configuration = """
        hatchery.mirroring.port = 9121
        hatchery.streaming.off-after = 2s
        hatchery.replication { rate = 768KiB, fetches-max = 1, idle-timeout = 10m }
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(150);

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Version_goes_from_maintenance_to_production_under_machines_that_run_and_a_server_that_lacks_a_layer_refuses_it()
    {
        await using var farm = await FarmLab.StartTwoAsync(output, Configuration);
        await farm.UntilMembersAsync("alpha", "beta");
        await farm.AddVDiskAsync();
        var alpha = farm.Servers["alpha"];
        await farm.AddDeviceAsync("alpha", Writer);
        await farm.AddDeviceAsync("alpha", User);
        var running = await BootAsync(farm, "alpha", User);
        await QemuIoAsync(farm, running, "read -P 0 1M 64k", "write -P 0x77 0 64k", "flush");

        await alpha.PbmAsync("device", "set", BootLab.MachineName(Writer), "--access", "maintenance");
        await alpha.PbmAsync("vdisk", "version", "create", FarmLab.VDisk, "--note", "updates");
        await QemuIoAsync(farm, await BootAsync(farm, "alpha", Writer), "write -P 0xa5 1M 6M", "flush");
        // What it wrote is there at its next boot, and there alone; nobody else gets it.
        var again = await BootAsync(farm, "alpha", Writer);
        await QemuIoAsync(farm, again, "read -P 0xa5 1M 6M", "write -P 0x5a 7M 512k", "flush");
        await QemuIoAsync(farm, await BootAsync(farm, "beta", User), "read -P 0 1M 6M");
        running = await BootAsync(farm, "alpha", User);
        await QemuIoAsync(farm, running, "read -P 0 1M 64k", "write -P 0x77 0 64k", "flush");

        await UntilOffAsync(farm, "alpha", Writer);
        var promotion = alpha.PbmAsync("vdisk", "version", "promote", FarmLab.VDisk);
        // The layer is where the write cache was streamed; the other server says that it lacks it, and is not offered.
        var lacking = await LackingAsync(farm);
        var login = await farm.ClientAsync(
            "qemu-io",
            "-f",
            "raw",
            "-c",
            "read 0 64k",
            Uri(lacking, BootLab.MachineName(Writer))
        );
        Assert.NotEqual(0, login.ExitCode);
        Assert.DoesNotContain(lacking, (await farm.ScriptAsync(lacking, Writer)).Servers);
        Assert.False(promotion.IsCompleted);
        Assert.Contains("version 2: test, on version 1", await promotion, StringComparison.Ordinal);
        Assert.Contains(lacking, (await farm.ScriptAsync(lacking, Writer)).Servers);

        await farm.Servers["beta"].PbmAsync(["device", "set", BootLab.MachineName(Writer), .. Tester.Split(' ')]);
        await QemuIoAsync(farm, await BootAsync(farm, lacking, Writer), "read -P 0xa5 1M 6M", "read -P 0x5a 7M 512k");
        await alpha.PbmAsync("vdisk", "version", "promote", FarmLab.VDisk);
        // Who runs goes on, and sees it at the next boot.
        await QemuIoAsync(farm, running, "read -P 0 1M 64k", "read -P 0x77 0 64k");
        await QemuIoAsync(farm, await BootAsync(farm, "alpha", User), "read -P 0xa5 1M 6M", "read -P 0 0 64k");

        Assert.Contains(
            "version 3: production, a whole image",
            await alpha.PbmAsync("vdisk", "version", "merge", FarmLab.VDisk, "--base"),
            StringComparison.Ordinal
        );
        await QemuIoAsync(farm, await BootAsync(farm, "beta", User), "read -P 0xa5 1M 6M", "read -P 0x5a 7M 512k");
    }

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Server_that_dies_before_a_version_is_closed_costs_nothing_and_layers_beyond_a_limit_are_merged_by_themselves()
    {
        await using var farm = await FarmLab.StartTwoAsync(output, Configuration);
        await farm.UntilMembersAsync("alpha", "beta");
        await farm.AddVDiskAsync();
        await farm.AddDeviceAsync("alpha", Writer);
        await farm.Servers["alpha"].PbmAsync("device", "set", BootLab.MachineName(Writer), "--access", "maintenance");
        await farm.Servers["alpha"].PbmAsync("vdisk", "version", "create", FarmLab.VDisk);
        string streamer;
        var uri = await BootAsync(farm, "alpha", Writer);
        await using (
            var machine = farm.Start(
                "machine",
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 0xa5 1M 1M",
                "-c",
                "flush",
                "-c",
                "sleep 600000",
                uri
            )
        )
            (streamer, _) = await farm.UntilCopiesAsync(2);
        await UntilOffAsync(farm, "alpha", Writer);
        await farm.Servers[streamer].KillAsync();

        var left = farm.Servers.Keys.Single(s => s != streamer);
        var promotion = Eventually.TrueAsync(
            async () =>
                (await farm.Servers[left].TryPbmAsync("vdisk", "version", "promote", FarmLab.VDisk)).Output.Contains(
                    "version 2: test",
                    StringComparison.Ordinal
                ),
            s_limit
        );
        await farm.Servers[left].Process.Output.WaitForAsync("vDisk guest version 2 is made", s_limit);
        await farm.Servers[streamer].StartAsync();
        await promotion;
        await QemuIoAsync(farm, await BootAsync(farm, streamer, Writer), "read -P 0xa5 1M 1M");

        await farm.Servers[left].PbmAsync("vdisk", "version", "merge", FarmLab.VDisk, "--above", "1");
        await farm.Servers[left].PbmAsync("vdisk", "version", "create", FarmLab.VDisk);
        await QemuIoAsync(farm, await BootAsync(farm, left, Writer), "write -P 0x5a 1536k 1M", "flush");
        await UntilOffAsync(farm, left, Writer);
        await farm.Servers[left].PbmAsync("vdisk", "version", "promote", FarmLab.VDisk, "--to", "production");
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers[left].PbmJsonAsync("vdisk", "version", "list", FarmLab.VDisk))
                    .EnumerateArray()
                    .Any(v =>
                        (v.GetProperty("number").GetInt32(), v.GetProperty("access").GetString()) == (4, "production")
                        && v.GetProperty("parent").GetInt32() == 1
                    ),
            s_limit
        );
        // What is neither in maintenance nor in test any more is what this machine boots.
        await farm.Servers[left].PbmAsync("device", "set", BootLab.MachineName(Writer), "--no-access");
        var merged = await BootAsync(farm, left, Writer);
        await QemuIoAsync(farm, merged, "read -P 0xa5 1M 512k", "read -P 0x5a 1536k 1M", "read -P 0 3M 64k");
    }

    /// <summary>The server that has not got the layer yet; it says so to the machine that boots it.</summary>
    private static async Task<string> LackingAsync(FarmLab farm)
    {
        string? lacking = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var rows = (
                    await farm.Servers["alpha"].PbmJsonAsync("vdisk", "replicas", FarmLab.VDisk)
                ).EnumerateArray();
                var second = rows.Where(r => r.GetProperty("version").GetInt32() == 2)
                    .ToDictionary(r => r.GetProperty("server").GetString()!, r => r.GetProperty("state").GetString());
                lacking = second.ContainsValue("held") ? second.FirstOrDefault(r => r.Value != "held").Key : null;
                return lacking is not null;
            },
            s_limit
        );
        return lacking!;
    }

    private static Task UntilOffAsync(FarmLab farm, string at, int machine) =>
        Eventually.TrueAsync(
            async () =>
                (await farm.Servers[at].PbmJsonAsync("device", "show", BootLab.MachineName(machine)))
                    .GetProperty("phase")
                    .GetString() == "off",
            s_limit
        );

    /// <summary>Where a boot finds its disk, by a script of this server's.</summary>
    private static async Task<string> BootAsync(FarmLab farm, string at, int machine)
    {
        var (servers, export) = await farm.ScriptAsync(at, machine);
        // One that is kept is where it was.
        return Uri(servers[0], export);
    }

    private static string Uri(string server, string export) => $"nbd://{FarmLab.AddressOf(server)}/{export}";

    private static async Task QemuIoAsync(FarmLab farm, string uri, params string[] commands)
    {
        var done = await farm.ClientAsync(
            "qemu-io",
            ["-f", "raw", .. commands.SelectMany(c => (string[])["-c", c]), uri]
        );
        Assert.True(done.ExitCode == 0, $"{done.Output}\n{done.Errors}");
        Assert.DoesNotContain("verification failed", done.Output, StringComparison.OrdinalIgnoreCase);
    }
}
