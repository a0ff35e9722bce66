using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What becomes of what a machine writes, in each mode and from version to version, by machines with their own firmware.</summary>
[Trait("Tier", "vm")]
public sealed class MachineModeTests(ITestOutputHelper output)
{
    private const int First = 1;
    private const int Second = 2;
    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>A machine that was switched off is known to be so soon.</summary>
    private const string Configuration = "\nhatchery.streaming.off-after = 3s\n";

    /// <summary>The least that a write cache is kept for, and a boot.</summary>
    private static readonly TimeSpan s_periodLimit = TimeSpan.FromMinutes(1) + Limits.BootOfTwo;

    [Trait("Tier", "full")]
    [NamespaceFact("qemu-system-x86_64")]
    public async Task Private_image_keeps_a_change_and_is_no_other_machines_and_a_differencing_one_keeps_it_until_its_period_ends()
    {
        await using var lab = await StartAsync();
        await lab.Server.PbmAsync("vdisk", "clone", BootLab.VDisk, "copy");
        await Task.WhenAll(PrivateAsync(lab), DifferencingAsync(lab));
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task Version_goes_from_maintenance_to_production_under_a_machine_that_runs_and_sees_it_at_its_next_boot()
    {
        await using var lab = await StartAsync();
        string[] version = ["vdisk", "version"];
        await AssignAsync(lab, First, BootLab.VDisk, "san");
        await AssignAsync(lab, Second, BootLab.VDisk, "iscsi");
        await lab.Server.PbmAsync("device", "set", BootLab.MachineName(First), "--access", "maintenance");
        await lab.Server.PbmAsync([.. version, "create", BootLab.VDisk, "--note", "updates"]);
        var writer = await lab.PowerOnAsync(First, "boot then=poweroff");
        var running = await lab.PowerOnAsync(Second, "hold seconds=3600 pause=500");
        await FreshAsync(writer);
        await FreshAsync(running);
        await writer.WaitForOffAsync(Limits.BootOfTwo);

        await Eventually.TrueAsync(async () => (await lab.ShowAsync(First)).Phase == "off", Limits.Work);
        Assert.Contains("version 2: test", await lab.Server.PbmAsync([.. version, "promote", BootLab.VDisk]), Ordinal);
        await lab.Server.PbmAsync([.. version, "promote", BootLab.VDisk]);
        var held = running.Console.Lines.Count(l => l.StartsWith("HOLD", Ordinal));
        await running.WaitForAsync("HOLD", Limits.Work, held + 3);
        await running.PowerOffAsync();

        running = await lab.PowerOnAsync(Second, "boot then=stay");
        Assert.Contains(
            $"FRESH no, {BootLab.MachineName(First)}",
            await running.WaitForAsync("FRESH", Limits.Boot),
            Ordinal
        );
        var shown = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(Second));
        Assert.Equal(2, shown.GetProperty("boot").GetProperty("version").GetInt32());
    }

    /// <summary>By NBD; the machine that is refused asks with its firmware.</summary>
    private static async Task PrivateAsync(BootLab lab)
    {
        await AssignAsync(lab, First, BootLab.VDisk, "nbd", "--mode", "private");
        var machine = await lab.PowerOnAsync(First, "boot then=poweroff");
        await FreshAsync(machine);
        await machine.WaitForOffAsync(Limits.BootOfTwo);
        machine = await lab.PowerOnAsync(First, "boot then=stay");
        await KeptAsync(machine, First);

        // It runs from what is another one's now.
        const int Stranger = 3;
        await lab.Server.PbmAsync("device", "unassign", BootLab.MachineName(First));
        await lab.Server.PbmAsync("device", "add", BootLab.MachineName(Stranger), BootLab.Mac(Stranger));
        await AssignAsync(lab, Stranger, BootLab.VDisk, "san", "--mode", "private");
        var stranger = await lab.PowerOnAsync(Stranger, "boot then=stay");
        await Eventually.TrueAsync(
            async () =>
                (await lab.Server.PbmAsync("device", "show", BootLab.MachineName(Stranger))).Contains(
                    $"{BootLab.VDisk} is the private image of {BootLab.MachineName(First)}",
                    Ordinal
                ),
            Limits.BootOfTwo
        );
        Assert.DoesNotContain(stranger.Console.Lines, l => l.Contains("ROOT-MOUNTED", Ordinal));
        Assert.Equal("running", (await lab.ShowAsync(First)).Phase);
        await stranger.PowerOffAsync();
        await machine.PowerOffAsync();
    }

    /// <summary>By its firmware.</summary>
    private static async Task DifferencingAsync(BootLab lab)
    {
        string[] mode = ["--mode", "differencing", "--keep"];
        await AssignAsync(lab, Second, "copy", "san", [.. mode, "7d"]);
        var machine = await lab.PowerOnAsync(Second, "boot then=poweroff");
        await FreshAsync(machine);
        await machine.WaitForOffAsync(Limits.BootOfTwo);
        machine = await lab.PowerOnAsync(Second, "boot then=poweroff");
        await KeptAsync(machine, Second);
        await machine.WaitForOffAsync(Limits.BootOfTwo);

        await AssignAsync(lab, Second, "copy", "san", [.. mode, "1m"]);
        await Eventually.TrueAsync(
            async () =>
                (await lab.Server.PbmAsync("device", "show", BootLab.MachineName(Second))).Contains(
                    "the next boot starts clean: it was kept since",
                    Ordinal
                ),
            s_periodLimit
        );
        await FreshAsync(await lab.PowerOnAsync(Second, "boot then=stay"));
    }

    private async Task<BootLab> StartAsync()
    {
        var lab = await BootLab.StartWithGuestAsync(output, Configuration);
        try
        {
            foreach (var number in new[] { First, Second })
                await lab.Server.PbmAsync("device", "add", BootLab.MachineName(number), BootLab.Mac(number));
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static Task AssignAsync(BootLab lab, int machine, string vDisk, string transport, params string[] words) =>
        lab.Server.PbmAsync(["device", "assign", BootLab.MachineName(machine), vDisk, "-t", transport, .. words]);

    private static async Task FreshAsync(VirtualMachine machine) =>
        Assert.StartsWith("FRESH yes", await machine.WaitForAsync("FRESH", Limits.BootOfTwo), Ordinal);

    private static async Task KeptAsync(VirtualMachine machine, int number) =>
        Assert.StartsWith(
            $"FRESH no, {BootLab.MachineName(number)}",
            await machine.WaitForAsync("FRESH", Limits.BootOfTwo),
            Ordinal
        );
}
