using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Of two servers with copies of each other's write caches one dies under a machine that keeps what it writes: at its next boot too it has all of it, and a private image stays its own.</summary>
[Trait("Tier", "vm")]
public sealed class KeptDiskFailoverTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private const int Second = 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_servers = ["alpha", "beta"];

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Differencing_image_is_booted_at_the_server_that_is_left_whichever_died()
    {
        await using var farm = await StartAsync();
        await AssignAsync(farm, Machine, "alpha", "--mode", "differencing", "--keep", "7d");
        await BootAsync(farm, "alpha", "write -P 0xa5 1M 64k", "flush");
        var (first, _) = await farm.UntilCopiesAsync(2);
        await farm.Servers[first].KillAsync();
        var other = s_servers.Single(s => s != first);
        await BootAsync(farm, other, "read -P 0xa5 1M 64k", "write -P 0x5a 2M 64k", "flush");
        await farm.Servers[first].StartAsync();
        await farm.UntilMembersAsync(s_servers);
        await farm.UntilLeaseIsFreeAsync();
        Assert.Equal(other, (await farm.UntilCopiesAsync(2)).Streamer);
        await farm.Servers[other].KillAsync();
        await BootAsync(farm, first, "read -P 0xa5 1M 64k", "read -P 0x5a 2M 64k");
        var shown = await farm.Servers[first].PbmJsonAsync("device", "show", BootLab.MachineName(Machine));
        Assert.True(shown.GetProperty("bootCount").GetInt32() >= 3);
    }

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Private_image_is_locked_to_its_machine_when_its_server_has_died_until_an_operator_breaks_the_lock()
    {
        await using var farm = await StartAsync();
        await AssignAsync(farm, Machine, "alpha", "--mode", "private");
        await using var machine = await farm.AttachPersistentAsync(Machine, "nbd");
        await farm.FaultAsync(machine, "killed", server => server.KillAsync());
        var at = machine.Server;

        // It runs from what is assigned to another one now, whose boot asks whoever keeps the vDisk.
        await farm.Servers[at].PbmAsync("device", "unassign", BootLab.MachineName(Machine));
        await AssignAsync(farm, Second, at, "--mode", "private");
        var refused = await RefusedAsync(farm, at);
        Assert.Contains($"is the private image of {BootLab.MachineName(Machine)}", refused, StringComparison.Ordinal);
        await machine.GoesOnAsync();
        Assert.Equal((at, 0), (machine.Server, machine.Errors));

        Assert.Contains(
            $"the lock of {BootLab.MachineName(Machine)} is broken",
            await farm.Servers[at].PbmAsync("vdisk", "unlock", FarmLab.VDisk, "--by", "ann"),
            StringComparison.Ordinal
        );
        // What the first one wrote is its own.
        await BootAsync(farm, at, Second, "read -P 0 0 64k", "write -P 0xa5 1M 64k", "flush");
    }

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task What_machines_keep_while_they_are_off_leaves_a_server_that_drains_and_is_copied_again_when_one_is_gone()
    {
        const string seen = """
            hatchery.streaming.off-after = 1s
            hatchery.mirroring.kept.gone-after = 5s
            """;
        string[] servers = ["alpha", "beta", "gamma"];
        await using var farm = await PrepareAsync(await FarmLab.StartMirroredAsync(output, seen), servers);
        foreach (var number in new[] { Machine, Second })
        {
            await AssignAsync(farm, number, "alpha", "--mode", "differencing");
            await BootAsync(farm, "alpha", number, $"write -P {number} 1M 64k", "flush");
        }
        await UntilOffAsync(farm, servers[0]);
        Assert.All(await MembersAsync(farm), m => Assert.Contains("alpha", m));

        // A machine that boots while it is copied has what it wrote, wherever that is then.
        var drain = farm.Servers["beta"].PbmAsync("server", "drain", "alpha");
        foreach (var server in (string[])["beta", "gamma"])
            await BootAsync(farm, server, Second, $"read -P {Second} 1M 64k");
        Assert.Contains("server alpha is empty after", await drain, StringComparison.Ordinal);
        Assert.All(await MembersAsync(farm), m => Assert.Equal(["beta", "gamma"], m.Order(StringComparer.Ordinal)));

        await farm.Servers["beta"].PbmAsync("server", "resume", "alpha");
        await farm.Servers["beta"].KillAsync();
        await Eventually.TrueAsync(
            async () =>
                (await MembersAsync(farm)).All(m => m.Order(StringComparer.Ordinal).SequenceEqual(["alpha", "gamma"])),
            s_limit
        );
        await UntilOffAsync(farm, "alpha");
        foreach (var number in new[] { Machine, Second })
            await BootAsync(farm, "alpha", number, $"read -P {number} 1M 64k");
    }

    private static async Task<string[][]> MembersAsync(FarmLab farm) =>
        [.. (await farm.QueryAsync("select members from session")).Select(m => m.Split(','))];

    private static Task UntilOffAsync(FarmLab farm, string at) =>
        Eventually.TrueAsync(
            async () =>
            {
                foreach (var number in new[] { Machine, Second })
                    if (
                        (await farm.Servers[at].PbmJsonAsync("device", "show", BootLab.MachineName(number)))
                            .GetProperty("phase")
                            .GetString() != "off"
                    )
                        return false;
                return true;
            },
            s_limit
        );

    private async Task<FarmLab> StartAsync() =>
        await PrepareAsync(await FarmLab.StartTwoAsync(output, FarmLab.Mirroring), s_servers);

    private static async Task<FarmLab> PrepareAsync(FarmLab farm, string[] servers)
    {
        try
        {
            await farm.UntilMembersAsync(servers);
            await farm.AddVDiskAsync();
            foreach (var number in new[] { Machine, Second })
                await farm.Servers["alpha"].PbmAsync("device", "add", BootLab.MachineName(number), BootLab.Mac(number));
            return farm;
        }
        catch
        {
            await farm.DisposeAsync();
            throw;
        }
    }

    private static Task AssignAsync(FarmLab farm, int number, string at, params string[] words) =>
        farm.Servers[at]
            .PbmAsync(["device", "assign", BootLab.MachineName(number), FarmLab.VDisk, "-t", "nbd", .. words]);

    private static Task BootAsync(FarmLab farm, string at, params string[] commands) =>
        BootAsync(farm, at, Machine, commands);

    /// <summary>Boots a machine from a server, again until it takes it: of one that died the keepers are elsewhere a while later.</summary>
    private static async Task BootAsync(FarmLab farm, string at, int number, params string[] commands)
    {
        var said = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var result = await TryBootAsync(farm, at, number, commands);
                    said = result.Output + result.Errors;
                    return result.ExitCode == 0;
                },
                s_limit
            );
        }
        catch (Exception never) when (never is not OperationCanceledException)
        {
            throw new InvalidOperationException(said, never);
        }
        Assert.DoesNotContain("verification failed", said, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<ToolResult> TryBootAsync(FarmLab farm, string at, int number, params string[] commands) =>
        await farm.TryScriptAsync(at, number) is (_, var export)
            ? await farm.ClientAsync(
                "qemu-io",
                [
                    "-f",
                    "raw",
                    .. commands.SelectMany(c => (string[])["-c", c]),
                    $"nbd://{FarmLab.AddressOf(at)}/{export}",
                ]
            )
            : new(-1, "", "no script");

    /// <summary>Why the second machine's boot is refused, as its timeline has it.</summary>
    private static async Task<string> RefusedAsync(FarmLab farm, string at)
    {
        var shown = "";
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.NotEqual(0, (await TryBootAsync(farm, at, Second, "read 0 64k")).ExitCode);
                shown = (await farm.Servers[at].TryPbmAsync("device", "show", BootLab.MachineName(Second))).Output;
                return shown.Contains("private image", StringComparison.Ordinal);
            },
            s_limit
        );
        return shown;
    }
}
