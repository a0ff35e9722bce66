using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>OVMF by each of its ways to the server, and by each transport to the root, from the image that BIOS machines boot too.</summary>
[Trait("Tier", "vm")]
public sealed class UefiTests(ITestOutputHelper output)
{
    private const int Machine = 1;

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_by_UEFI_PXE_a_kernel_with_its_root_by_NBD() =>
        BootsAsync(Firmware.UefiPxe, "PXEv4", "nbd", "NBD");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_by_UEFI_HTTP_a_kernel_with_its_root_by_iSCSI() =>
        BootsAsync(Firmware.UefiHttp, "HTTPv4", "iscsi", "iSCSI");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_machine_boots_by_UEFI_PXE_from_a_disk_by_iSCSI() =>
        BootsAsync(Firmware.UefiPxe, "PXEv4", "san", "iSCSI");

    private async Task BootsAsync(string firmware, string says, string transport, string rootBy)
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(Machine, transport);

        var machine = await lab.PowerOnAsync(Machine, "io mb=8 seed=7", firmware: firmware);
        var mounted = await machine.WaitForAsync("ROOT-MOUNTED", Limits.UefiBoot);
        Assert.Contains(rootBy, mounted, StringComparison.Ordinal);
        Assert.Contains(machine.Console.Lines, l => l.Contains(says, StringComparison.Ordinal));
        await machine.WaitForAsync("IO-VERIFIED", Limits.Work);
        await machine.WaitForAsync("BOOT-DONE", Limits.Work);
        await machine.WaitForOffAsync(Limits.Work);
        Assert.Equal(1, (await lab.ShowAsync(Machine)).BootCount);
        await TimelineTellsAsync(lab, transport);
    }

    /// <summary>The firmware's steps, then those of the boot program that it loaded.</summary>
    private async Task TimelineTellsAsync(BootLab lab, string transport)
    {
        var shown = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(Machine));
        var steps = shown.GetProperty("timeline").EnumerateArray().Select(s => s.GetProperty("step").GetString()!);
        string[] address = ["discovered", "offered", "requested"];
        string[] kernel = transport == "san" ? [] : ["kernel-sent", "initrd-sent"];
        string[] expected =
        [
            .. address,
            "bootstrap-sent",
            .. address,
            "script-sent",
            .. kernel,
            "session-open",
            "running",
        ];
        output.WriteLine(await lab.Server.PbmAsync("device", "show", BootLab.MachineName(Machine)));
        // A firmware's disk is let go of before the operating system has it.
        var toRunning = steps.Where(s => s != "lost").Take(expected.Length);
        Assert.Equal(expected, toRunning);
    }
}
