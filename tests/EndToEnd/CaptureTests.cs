using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A machine's own disk becomes a vDisk, from which it then boots without it.</summary>
[Trait("Tier", "vm")]
public sealed class CaptureTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private const string Captured = "captured";

    [NamespaceFact("qemu-system-x86_64")]
    public async Task Machine_sends_its_disk_though_the_server_is_killed_and_boots_from_what_became_of_it()
    {
        var image = await GuestImage.GetAsync();
        await using var lab = await BootLab.WithoutServerAsync(output);
        await using var server = await StartAsync(lab, image);
        var name = BootLab.MachineName(Machine);
        await server.PbmAsync("device", "add", name, BootLab.Mac(Machine));
        var disk = lab.PathOf("disk");
        File.Copy(image.RawDisk, disk);
        await using (var grown = File.OpenWrite(disk))
        {
            // Data at its end, behind a hole.
            grown.SetLength((256 << 20) + 4096);
            grown.Position = grown.Length - 4096;
            grown.Write(
                new byte[4096]
                    .Select((_, i) => (byte)(i * 7))
                    .ToArray()
            );
        }
        var before = await GuestImage.HashAsync(disk);
        string[] disks = ["-drive", $"if=none,id=d0,format=raw,file={disk}", "-device", "virtio-blk-pci,drive=d0"];
        string[] kernel = ["--kernel", image.Kernel, "--initrd", image.Initrd, "--arguments", BootLab.KernelArguments];

        await server.PbmAsync(["vdisk", "capture", Captured, "--device", name, .. kernel, "--no-wait"]);
        var machine = await lab.PowerOnAsync(Machine, "boot", more: disks);
        await machine.WaitForAsync("hatchery-root: 10 % of /dev/vda", 2 * Limits.Boot);
        await server.KillAsync();
        Assert.Empty(
            Directory.GetFiles(Path.Combine(lab.ServerFolder, "store", "images"), "*", SearchOption.AllDirectories)
        );
        await machine.WaitForAsync("hatchery-root: waits for", Limits.Work);
        await server.StartAsync();
        await machine.WaitForAsync("hatchery-root: it is vDisk captured", 2 * Limits.Boot);
        await machine.WaitForOffAsync(Limits.Work);
        Assert.Equal(before, await GuestImage.HashAsync(disk));
        await server.PbmAsync("vdisk", "verify", Captured);
        await server.PbmAsync("vdisk", "export", Captured, lab.PathOf("exported.raw"));
        Assert.Equal(before, await GuestImage.HashAsync(lab.PathOf("exported.raw")));

        await server.PbmAsync("device", "assign", name, Captured, "--transport", "nbd");
        machine = await lab.PowerOnAsync(Machine, "boot then=stay");
        await machine.WaitForAsync("BOOT-DONE", 2 * Limits.Boot);
    }

    [NamespaceFact("qemu-system-x86_64")]
    [Trait("Tier", "full")]
    public async Task Machine_without_the_disk_that_was_named_says_so_on_its_console_and_to_the_farm()
    {
        var image = await GuestImage.GetAsync();
        await using var lab = await BootLab.WithoutServerAsync(output);
        await using var server = await StartAsync(lab, image);
        var name = BootLab.MachineName(Machine);
        await server.PbmAsync("device", "add", name, BootLab.Mac(Machine));
        await server.PbmAsync("vdisk", "capture", Captured, "--device", name, "--disk", "/dev/vdz", "--no-wait");
        var machine = await lab.PowerOnAsync(Machine, "boot");
        await machine.WaitForAsync("there is no /dev/vdz: the machine has none that its kernel knows", 2 * Limits.Boot);
        await machine.WaitForOffAsync(Limits.Work);
        var failed = await server.PbmAsync("device", "show", name);
        Assert.Contains("capture-failed", failed, StringComparison.Ordinal);
        Assert.Contains("there is no /dev/vdz", failed, StringComparison.Ordinal);
    }

    private static async Task<ServerProcess> StartAsync(BootLab lab, GuestImage image)
    {
        var configuration = lab.PathOf("capture.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            {{await File.ReadAllTextAsync(BootLab.Configuration)}}
            hatchery.boot.capture { kernel = "{{image.Kernel}}", initrd = "{{image.Initrd}}", arguments = "console=ttyS0 quiet panic=5" }
            """
        );
        var server = new ServerProcess(configuration, BootLab.EnvironmentOf(lab.ServerFolder), lab.Inside);
        await server.StartAsync();
        return server;
    }
}
