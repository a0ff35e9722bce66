using System.Buffers.Binary;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

[Trait("Tier", "vm")]
public sealed class BootTests(ITestOutputHelper output)
{
    private const int Machine = 1;

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_by_its_firmware_from_a_disk_by_iSCSI_and_reads_back_what_it_wrote() =>
        BootsAndVerifiesAsync("san", "iSCSI");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_a_kernel_with_its_root_by_iSCSI_and_reads_back_what_it_wrote() =>
        BootsAndVerifiesAsync("iscsi", "iSCSI");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_a_kernel_with_its_root_by_NBD_and_reads_back_what_it_wrote() =>
        BootsAndVerifiesAsync("nbd", "NBD");

    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_machine_boots_a_kernel_with_its_root_by_Debians_nbd_client_and_reads_back_what_it_wrote()
    {
        await using var lab = await BootLab.StartAsync(output);
        var image = await GuestImage.GetAsync();
        byte[] initrd =
        [
            .. await File.ReadAllBytesAsync(image.Initrd),
            .. await File.ReadAllBytesAsync(image.NbdClient),
        ];
        await File.WriteAllBytesAsync(lab.PathOf("initrd"), initrd);
        string[] boot = ["--kernel", image.Kernel, "--initrd", lab.PathOf("initrd")];
        string[] arguments = ["--arguments", $"{BootLab.KernelArguments} hatchery.nbd=nbd-client"];
        await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, image.RawDisk, .. boot, .. arguments]);
        await VerifiesAsync(lab, "nbd", "NBD");
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_reboot_finds_a_clean_write_cache_and_the_image_is_as_it_was()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        var original = (await GuestImage.GetAsync()).RawDisk;
        var image = lab.StoredImage(original);
        var before = await GuestImage.HashAsync(original);
        var imported = (await lab.Server.PbmJsonAsync("vdisk", "show", BootLab.VDisk))
            .GetProperty("versions")[0]
            .GetProperty("sha256")
            .GetString();
        await lab.AddDeviceAsync(Machine, "san");

        var machine = await lab.PowerOnAsync(Machine, "io mb=8 then=reboot", restarts: true);
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot);
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot, occurrence: 2);

        Assert.Equal(2, machine.Console.Lines.Count(l => l.StartsWith("FRESH yes", StringComparison.Ordinal)));
        Assert.DoesNotContain(machine.Console.Lines, l => l.StartsWith("FRESH no", StringComparison.Ordinal));
        Assert.Equal(before, await GuestImage.HashAsync(image));
        var shown = await lab.Server.PbmJsonAsync("vdisk", "show", BootLab.VDisk, "--verify");
        var version = Assert.Single(shown.GetProperty("versions").EnumerateArray());
        Assert.Equal(imported, version.GetProperty("sha256").GetString());
        Assert.Equal("ok", version.GetProperty("verified").GetString());
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task The_login_of_the_operating_system_after_that_of_the_firmware_is_not_a_boot()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(Machine, "san");

        var machine = await lab.PowerOnAsync(Machine, "boot then=stay");
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot);
        Assert.Equal(1, (await lab.ShowAsync(Machine)).BootCount);

        await machine.PowerOffAsync();
        machine = await lab.PowerOnAsync(Machine, "boot then=stay");
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot);
        Assert.Equal(2, (await lab.ShowAsync(Machine)).BootCount);
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task Two_machines_run_from_one_vDisk_at_once_and_neither_sees_what_the_other_writes()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(1, "san");
        await lab.AddDeviceAsync(2, "nbd");

        var first = await lab.PowerOnAsync(1, "io mb=8 seed=1 then=stay");
        var second = await lab.PowerOnAsync(2, "io mb=8 seed=2 then=stay");
        var ofFirst = await first.WaitForAsync("IO-VERIFIED", Limits.BootOfTwo);
        var ofSecond = await second.WaitForAsync("IO-VERIFIED", Limits.BootOfTwo);

        Assert.Contains(first.Console.Lines, l => l.StartsWith("FRESH yes", StringComparison.Ordinal));
        Assert.Contains(second.Console.Lines, l => l.StartsWith("FRESH yes", StringComparison.Ordinal));
        Assert.NotEqual(ofFirst.Split(' ')[1], ofSecond.Split(' ')[1]);
        var original = (await GuestImage.GetAsync()).RawDisk;
        var stored = await GuestImage.HashAsync(lab.StoredImage(original));
        Assert.Equal(await GuestImage.HashAsync(original), stored);
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_BIOS_machine_is_told_that_it_boots_no_sectors_of_4096_bytes_and_boots_them_by_a_kernel()
    {
        await using var lab = await BootLab.StartAsync(output);
        var image = await GuestImage.GetAsync();
        string[] boot = ["--kernel", image.Kernel, "--initrd", image.Initrd, "--arguments", BootLab.KernelArguments];
        var disk = await InLargeSectorsAsync(image.RawDisk, lab.PathOf("large"));
        await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, disk, "--sector", "4096", .. boot]);
        await lab.AddDeviceAsync(Machine, "san");

        var machine = await lab.PowerOnAsync(Machine, "io mb=8");
        await machine.WaitForAsync("guest has sectors of 4096 bytes", Limits.Boot);
        var name = BootLab.MachineName(Machine);
        var shown = await lab.Server.PbmJsonAsync("device", "show", name);
        Assert.Contains(
            "which BIOS does not boot",
            shown.GetProperty("stall").GetProperty("cause").GetString(),
            StringComparison.Ordinal
        );

        await lab.Server.PbmAsync("device", "assign", name, BootLab.VDisk, "-t", "nbd");
        await machine.WaitForAsync("IO-VERIFIED", Limits.Boot);
    }

    /// <summary>The same partitions, counted in sectors of 4096 bytes.</summary>
    private static async Task<string> InLargeSectorsAsync(string image, string path)
    {
        const int Table = 446;
        const int EntryBytes = 16;
        var bytes = await File.ReadAllBytesAsync(image);
        for (var entry = Table; entry < Table + (4 * EntryBytes); entry += EntryBytes)
            foreach (var field in new[] { bytes.AsMemory(entry + 8, 4), bytes.AsMemory(entry + 12, 4) })
                BinaryPrimitives.WriteUInt32LittleEndian(
                    field.Span,
                    BinaryPrimitives.ReadUInt32LittleEndian(field.Span) / (4096 / 512)
                );
        await File.WriteAllBytesAsync(path, bytes);
        return path;
    }

    private async Task BootsAndVerifiesAsync(string transport, string rootBy)
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await VerifiesAsync(lab, transport, rootBy);
    }

    private static async Task VerifiesAsync(BootLab lab, string transport, string rootBy)
    {
        await lab.AddDeviceAsync(Machine, transport);
        var name = BootLab.MachineName(Machine);
        await lab.Server.PbmAsync("device", "personality", "set", name, "ROOM=2.14 \"$north\"");

        var machine = await lab.PowerOnAsync(Machine, "io mb=16 seed=7");
        var mounted = await machine.WaitForAsync("ROOT-MOUNTED", Limits.Boot);
        Assert.Contains(rootBy, mounted, StringComparison.Ordinal);
        var named = await machine.WaitForAsync("NAMED", Limits.Work);
        Assert.StartsWith($"NAMED {name} {name} 600 2.14 \"$north\" [", named, StringComparison.Ordinal);
        await machine.WaitForAsync("IO-VERIFIED", Limits.Work);
        await machine.WaitForAsync("BOOT-DONE", Limits.Work);
        await machine.WaitForOffAsync(Limits.Work);
    }
}
