using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A share of the machines tries a version, by a server as it runs.</summary>
public sealed partial class CanaryTests(ITestOutputHelper output)
{
    private const int ImageBytes = 8 << 20;

    /// <summary>Of half of the machines, which is one.</summary>
    private static readonly string[] s_half = ["--canary", "50%", "--settle", "0s"];

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task When_the_machine_that_tries_it_runs_all_have_it_at_their_next_boot()
    {
        await using var lab = await StartAsync();
        await CanaryAsync(lab, s_half);
        var (chosen, other) = await ChosenAsync(lab);
        await ReadsAsync(lab, other, 0x11);
        await ReadsAsync(lab, chosen, 0x22);
        Assert.Equal("promoted", (await EndedAsync(lab)).GetProperty("state").GetString());
        await ReadsAsync(lab, other, 0x22);
    }

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task A_version_whose_kernel_is_never_heard_of_again_is_returned_from_though_the_server_is_killed_meanwhile()
    {
        await using var lab = await StartAsync();
        await ReadsAsync(lab, 1, 0x11);
        await ReadsAsync(lab, 2, 0x11);
        await CanaryAsync(lab, [.. s_half, "--boot-deadline", "10s"]);
        var (chosen, other) = await ChosenAsync(lab);
        await ScriptAsync(lab, chosen);
        await Eventually.TrueAsync(
            async () => (await StatusAsync(lab)).GetProperty("booted").GetInt32() == 1,
            Limits.Work
        );
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();
        var ended = await EndedAsync(lab);
        Assert.Equal("returned", ended.GetProperty("state").GetString());
        var reason = $"{BootLab.MachineName(chosen)} did not run within 10 s";
        Assert.EndsWith(reason, ended.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await ReadsAsync(lab, chosen, 0x11);
        await ReadsAsync(lab, other, 0x11);

        Assert.Contains(
            "test, returned from",
            await lab.Server.PbmAsync("vdisk", "version", "list", BootLab.VDisk),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"{BootLab.VDisk} version 2 was returned from by its canary",
            await lab.Server.PbmAsync("farm", "status"),
            StringComparison.Ordinal
        );
        await Eventually.TrueAsync(
            async () =>
                (await lab.Server.PbmAsync("device", "show", BootLab.MachineName(chosen))).Contains(
                    "canary-failed",
                    StringComparison.Ordinal
                ),
            Limits.Work
        );
    }

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task An_operator_takes_it_back_and_another_time_ends_it_for_all()
    {
        await using var lab = await StartAsync();
        await CanaryAsync(lab, [.. s_half, "--then", "ask"]);
        var (chosen, _) = await ChosenAsync(lab);
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();
        Assert.Equal(chosen, (await ChosenAsync(lab)).Chosen);
        await lab.Server.PbmAsync("vdisk", "version", "revert", BootLab.VDisk);
        Assert.Equal("aborted", (await StatusAsync(lab)).GetProperty("state").GetString());
        await ReadsAsync(lab, chosen, 0x11);

        await CanaryAsync(lab, [.. s_half, "--then", "ask"]);
        var (again, other) = await ChosenAsync(lab);
        Assert.Equal(chosen, again);
        await ReadsAsync(lab, again, 0x22);
        await Eventually.TrueAsync(
            async () => (await StatusAsync(lab)).GetProperty("state").GetString() == "proven",
            Limits.Work
        );
        await ReadsAsync(lab, other, 0x11);
        await lab.Server.PbmAsync("vdisk", "version", "promote", BootLab.VDisk);
        await ReadsAsync(lab, other, 0x22);
    }

    [NamespaceFact("qemu-system-x86_64")]
    [Trait("Tier", "vm")]
    public async Task A_machine_whose_new_kernel_does_not_start_comes_back_with_the_version_before()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(1, "nbd");
        var image = await GuestImage.GetAsync();
        await File.WriteAllBytesAsync(lab.PathOf("kernel"), new byte[1 << 20]);
        string[] files = ["--file", image.Qcow2Disk, "--kernel", lab.PathOf("kernel"), "--initrd", image.Initrd];
        await lab.Server.PbmAsync(["vdisk", "version", "create", BootLab.VDisk, .. files]);
        await CanaryAsync(lab, ["--canary", "10%", "--boot-deadline", "5s", "--settle", "1s"]);

        var machine = await lab.PowerOnAsync(1, "boot then=stay", restarts: true);
        Assert.Equal("returned", (await EndedAsync(lab)).GetProperty("state").GetString());
        // Its firmware asks again, and has the version before; a machine that hangs has to be reset for that.
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot + Limits.Work);
        var shown = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(1));
        Assert.Equal(1, shown.GetProperty("boot").GetProperty("version").GetInt32());
    }

    /// <summary>Two machines, and a version 2 that is in test.</summary>
    private async Task<BootLab> StartAsync()
    {
        var lab = await BootLab.StartAsync(output);
        try
        {
            await File.WriteAllTextAsync(lab.PathOf("kernel"), "not for this test");
            string[] files = ["--kernel", lab.PathOf("kernel"), "--initrd", lab.PathOf("kernel")];
            await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, await ImageAsync(lab, 0x11), .. files]);
            await lab.AddDeviceAsync(1, "nbd");
            await lab.AddDeviceAsync(2, "nbd");
            string[] newer = ["--file", await ImageAsync(lab, 0x22), .. files];
            await lab.Server.PbmAsync(["vdisk", "version", "create", BootLab.VDisk, .. newer]);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> ImageAsync(BootLab lab, byte content)
    {
        var bytes = new byte[ImageBytes];
        Array.Fill(bytes, content);
        var path = lab.PathOf(string.Create(CultureInfo.InvariantCulture, $"image-{content}"));
        await File.WriteAllBytesAsync(path, bytes);
        return path;
    }

    private static Task CanaryAsync(BootLab lab, string[] words) =>
        lab.Server.PbmAsync(["vdisk", "version", "promote", BootLab.VDisk, .. words]);

    private static Task<JsonElement> StatusAsync(BootLab lab) =>
        lab.Server.PbmJsonAsync("vdisk", "version", "canary", BootLab.VDisk);

    private static async Task<JsonElement> EndedAsync(BootLab lab)
    {
        var status = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                status = await StatusAsync(lab);
                return status.GetProperty("state").GetString() is not ("running" or "proven");
            },
            Limits.Boot + Limits.Work
        );
        return status;
    }

    /// <summary>Which of the two machines boots version 2.</summary>
    private static async Task<(int Chosen, int Other)> ChosenAsync(BootLab lab)
    {
        var first = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(1));
        var second = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(2));
        var versions = (Of(first), Of(second));
        Assert.Contains(versions, ((int, int)[])[(1, 2), (2, 1)]);
        return versions == (2, 1) ? (1, 2) : (2, 1);

        static int Of(JsonElement device) => device.GetProperty("nextVersion").GetInt32();
    }

    private static Task<string> ScriptAsync(BootLab lab, int machine) =>
        Clients.RunAsync(
            lab,
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            $"http://{BootLab.ServerAddress}:8069/boot/{BootLab.Mac(machine).Replace(':', '-')}"
        );

    /// <summary>A boot finds this on its disk.</summary>
    private static async Task ReadsAsync(BootLab lab, int machine, byte content)
    {
        var script = await ScriptAsync(lab, machine);
        var match = NbdTarget().Match(script);
        Assert.True(match.Success, script);
        var said = await Clients.RunAsync(
            lab,
            "qemu-io",
            "-f",
            "raw",
            "-c",
            string.Create(CultureInfo.InvariantCulture, $"read -P {content} 0 64k"),
            $"nbd://{BootLab.ServerAddress}/{match.Groups[1].Value}"
        );
        Assert.DoesNotContain("verification failed", said, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, 1000)]
    private static partial Regex NbdTarget();
}
