using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A whole Debian with systemd whose own initramfs has the package of deploy/initramfs/package in it.</summary>
[Trait("Tier", "full")]
public sealed class InstalledSystemTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private static readonly TimeSpan s_buildLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_bootLimit = TimeSpan.FromMinutes(5);

    [NamespaceFact("qemu-system-x86_64", "mmdebstrap")]
    public Task A_whole_Debian_runs_by_iSCSI_outlives_its_servers_death_and_shuts_down_in_order() =>
        RunsAsync("iscsi", "/dev/sda1", keepers: 7);

    [NamespaceFact("qemu-system-x86_64", "mmdebstrap")]
    public Task A_whole_Debian_runs_by_NBD_outlives_its_servers_death_and_shuts_down_in_order() =>
        RunsAsync("nbd", "/dev/nbd0p1", keepers: 1);

    [NamespaceFact("qemu-system-x86_64", "mmdebstrap")]
    public Task A_whole_Debian_with_its_write_cache_in_memory_outlives_its_servers_death_and_shuts_down_in_order() =>
        RunsAsync("nbd", "/dev/dm-", keepers: 2, "--cache", "ram");

    /// <param name="keepers">Processes that systemd is to let live.</param>
    private async Task RunsAsync(string transport, string root, int keepers, params string[] cache)
    {
        var folder = SourceTree.PathOf("artifacts", "debian");
        var build = SourceTree.PathOf("tests", "EndToEnd", "Debian", "build.sh");
        var built = await Tool.RunAsync("bash", [build, folder], s_buildLimit);
        Assert.True(built.ExitCode == 0, built.Output + built.Errors);
        await using var lab = await BootLab.StartAsync(
            output,
            $$"""

            hatchery.secrets.key-file = "{{Path.Combine(folder, "farm.key")}}"
            hatchery.boot.https {
              port = 8443, certificate = "{{Path.Combine(folder, "tls.pem")}}", key = "{{Path.Combine(
                folder,
                "tls.key"
            )}}"
            }
            """
        );
        string[] boot =
        [
            "--kernel",
            Path.Combine(folder, "vmlinuz"),
            "--initrd",
            Path.Combine(folder, "initrd.img"),
            "--arguments",
            "console=ttyS0 rw panic=5 no_timer_check",
        ];
        await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, Path.Combine(folder, "disk.raw"), .. boot]);
        await lab.AddDeviceAsync(Machine, transport);
        var name = BootLab.MachineName(Machine);
        await lab.Server.PbmAsync(["device", "assign", name, BootLab.VDisk, "-t", transport, .. cache]);
        await lab.Server.PbmAsync("device", "personality", "set", name, "ROOM=2.14");
        await File.WriteAllTextAsync(lab.PathOf("secret"), "c0rrect horse");
        await lab.Server.PbmAsync("device", "secret", "set", name, "JOIN", "--file", lab.PathOf("secret"));

        var machine = await lab.PowerOnAsync(Machine, "hold", more: ["-m", "512"]);
        var mounted = await machine.WaitForAsync("ROOT-MOUNTED", s_bootLimit);
        Assert.Contains(root, mounted, StringComparison.Ordinal);
        await machine.WaitForAsync($"KEEPERS {keepers}", s_bootLimit);
        await machine.WaitForAsync("SECOND-ISCSID 0", s_bootLimit);
        var named = await machine.WaitForAsync("NAMED", s_bootLimit);
        Assert.Equal($"NAMED {name} root 600 2.14", named.Trim());
        var secrets = await machine.WaitForAsync("SECRETS", s_bootLimit);
        Assert.Equal("SECRETS JOIN root 700 directory root 600 regular file  c0rrect horse", secrets.Trim());
        await machine.WaitForAsync("HOLD", s_bootLimit, occurrence: 3);
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();
        await machine.WaitForAsync("HELD", s_bootLimit);
        output.WriteLine($"{transport}: worst stall {machine.WorstStall.TotalMilliseconds:0} ms");
        // Its disk is there to the last: what systemd writes on the way down, and the unmounting.
        await machine.WaitForAsync("SHUTTING-DOWN", s_bootLimit);
        await machine.WaitForOffAsync(s_bootLimit);
        Assert.DoesNotContain(machine.Console.Lines, l => l.Contains("I/O error", StringComparison.Ordinal));
    }
}
