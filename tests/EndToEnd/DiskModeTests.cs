using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What a machine finds at its next boot, by a server as it runs and QEMU's NBD client in the machine's place.</summary>
public sealed partial class DiskModeTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private const int ImageBytes = 8 << 20;

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task Differencing_keeps_what_was_written_across_boots_and_a_restart_and_standard_forgets_it()
    {
        await using var lab = await StartAsync();
        await AssignAsync(lab, "--mode", "differencing", "--keep", "7d");
        await QemuIoAsync(lab, await BootAsync(lab), "write -P 0xa5 1M 64k", "flush");
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0xa5 1M 64k", "write -P 0x5a 2M 64k", "flush");
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0xa5 1M 64k", "read -P 0x5a 2M 64k");
        Assert.Equal(3, (await lab.ShowAsync(Machine)).BootCount);
        await AssignAsync(lab);
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0x11 1M 64k", "read -P 0x11 2M 64k");
    }

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task Private_image_keeps_what_was_written_and_a_second_machine_is_refused()
    {
        await using var lab = await StartAsync();
        await AssignAsync(lab, "--mode", "private");
        await QemuIoAsync(lab, await BootAsync(lab), "write -P 0xa5 1M 64k", "flush");
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0xa5 1M 64k");
        await lab.Server.PbmAsync("device", "add", "second", "52:54:00:77:00:22");
        var refused = await lab.Server.TryPbmAsync("device", "assign", "second", BootLab.VDisk, "-t", "nbd");
        Assert.Contains(
            $"{BootLab.VDisk} is the private image of {BootLab.MachineName(Machine)}",
            refused.Errors,
            StringComparison.Ordinal
        );
    }

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task Version_in_production_is_what_the_next_boot_has_and_the_one_before_after_a_revert()
    {
        await using var lab = await StartAsync();
        await AssignAsync(lab);
        var newer = await ImageAsync(lab, "newer", 0x22);
        await lab.Server.PbmAsync(["vdisk", "version", "create", BootLab.VDisk, "--file", newer, .. Files(lab)]);
        await lab.Server.PbmAsync("vdisk", "version", "promote", BootLab.VDisk);
        var running = await BootAsync(lab);
        await QemuIoAsync(lab, running, "read -P 0x11 0 64k");
        await lab.Server.PbmAsync("vdisk", "version", "promote", BootLab.VDisk);
        await QemuIoAsync(lab, running, "read -P 0x11 1M 64k");
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0x22 0 64k");
        await lab.Server.PbmAsync("vdisk", "version", "revert", BootLab.VDisk);
        await QemuIoAsync(lab, await BootAsync(lab), "read -P 0x11 0 64k");
    }

    private async Task<BootLab> StartAsync()
    {
        var lab = await BootLab.StartAsync(output);
        try
        {
            var image = await ImageAsync(lab, "image", 0x11);
            await File.WriteAllTextAsync(lab.PathOf("kernel"), "not for this test");
            await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, image, .. Files(lab)]);
            await lab.AddDeviceAsync(Machine, "nbd");
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> ImageAsync(BootLab lab, string name, byte content)
    {
        var bytes = new byte[ImageBytes];
        Array.Fill(bytes, content);
        await File.WriteAllBytesAsync(lab.PathOf(name), bytes);
        return lab.PathOf(name);
    }

    private static string[] Files(BootLab lab) => ["--kernel", lab.PathOf("kernel"), "--initrd", lab.PathOf("kernel")];

    private static Task AssignAsync(BootLab lab, params string[] words) =>
        lab.Server.PbmAsync(["device", "assign", BootLab.MachineName(Machine), BootLab.VDisk, "-t", "nbd", .. words]);

    /// <summary>Where a boot finds its disk, by a boot script of its own.</summary>
    private static async Task<string> BootAsync(BootLab lab)
    {
        var url = string.Create(
            CultureInfo.InvariantCulture,
            $"http://{BootLab.ServerAddress}:8069/boot/{BootLab.Mac(Machine).Replace(':', '-')}"
        );
        var script = await Clients.RunAsync(lab, "curl", "--silent", "--show-error", "--fail", url);
        var match = NbdTarget().Match(script);
        Assert.True(match.Success, script);
        return $"nbd://{BootLab.ServerAddress}/{match.Groups[1].Value}";
    }

    private static async Task QemuIoAsync(BootLab lab, string uri, params string[] commands)
    {
        var said = await Clients.RunAsync(
            lab,
            "qemu-io",
            ["-f", "raw", .. commands.SelectMany(c => (string[])["-c", c]), uri]
        );
        Assert.DoesNotContain("verification failed", said, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, 1000)]
    private static partial Regex NbdTarget();
}
