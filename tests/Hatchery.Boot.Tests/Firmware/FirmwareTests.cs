using System.Diagnostics;
using System.Globalization;
using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Firmware;

[Trait("Tier", "vm")]
public sealed class FirmwareTests(ITestOutputHelper output)
{
    private const string Marker = "nothing here for this one";
    private const string Card = "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01,bootindex=1";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly BootPlan s_plan = new BootPlan.Nothing(Marker);

    private static readonly string[] s_noPxe =
    [
        "-fw_cfg",
        "name=opt/org.tianocore/IPv4PXESupport,string=no",
        "-fw_cfg",
        "name=opt/org.tianocore/IPv6PXESupport,string=no",
    ];

    /// <summary>Without an answer to its router solicitations iPXE waits 16 s between the offer and its script, by its own clock.</summary>
    [NamespaceFact("qemu-system-x86_64")]
    public async Task BIOS_reaches_its_script_without_waiting_for_IPv6_routers()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan);
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await Eventually.TrueAsync(() => lab.Directory.Reported.Any(r => r.Step == BootStep.Offered));
        Assert.InRange(await SecondsToScriptAsync(lab, machine), 0, 14);
        Assert.Equal(
            [BootStep.Discovered, BootStep.Offered, BootStep.Requested, BootStep.NothingToBoot],
            lab.Directory.Reported.Take(4).Select(r => r.Step)
        );
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task UEFI_reaches_its_script_by_TFTP()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan);
        await using var machine = lab.PowerOn(Uefi(lab));
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.BootstrapSent, Detail: "snponly.efi" });
        Assert.Contains(lab.Directory.Asked, client => client.Architecture == 7);
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task UEFI_reaches_its_script_by_HTTP_alone()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan);
        await using var machine = lab.PowerOn([.. Uefi(lab), .. s_noPxe]);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r.Detail == "UEFI HTTP, architecture 16");
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.BootstrapSent, Detail: "snponly.efi" });
    }

    [NamespaceFact("qemu-system-x86_64")]
    public async Task Machine_whose_server_is_away_asks_until_it_is_back()
    {
        var target = "iqn.2026-01.test:nobody-listens";
        await using var lab = await FirmwareLab.StartAsync(new BootPlan.San(new(Guid.NewGuid()), "pc", target));
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await machine.Output.WaitForAsync("that failed, trying again", s_limit);
        await lab.StopWebAsync();
        await machine.Output.WaitForAsync("Asking again in 2 seconds", s_limit);
        var asked = lab.Directory.Asked.Count;
        await lab.StartWebAsync();
        await Eventually.TrueAsync(() => lab.Directory.Asked.Count > asked);
        Assert.All(lab.Directory.Asked, client => Assert.Equal((ushort)0, client.Architecture));
    }

    [NamespaceFact("qemu-system-x86_64", "dnsmasq")]
    public async Task BIOS_reaches_its_script_with_an_address_from_somebody_elses_DHCP_server()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains("10.7.0.5", machine.Output.Transcript(), StringComparison.Ordinal);
    }

    /// <summary>A vendor's own ROM cannot be had here: QEMU's is iPXE, made to look like one that lacks HTTP, so that it loads the
    /// boot program over its PXE interface as any ROM would. What follows is undionly.kpxe on the ROM's UNDI driver.</summary>
    [NamespaceFact("qemu-system-x86_64")]
    public async Task BIOS_with_a_ROM_that_cannot_do_HTTP_reaches_its_script_by_undionly()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan);
        lab.Disguise = message =>
            HasBootProgram(lab) ? message : message with { Options = WithoutHttp(message.Options) };
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.BootstrapSent, Detail: "undionly.kpxe" });
        Assert.Equal(
            ["undionly.kpxe", "http"],
            lab.Heard.Where(h => h.Answer == DhcpMessageType.Ack).Select(h => h.BootFile.Split(':')[0])
        );
    }

    [NamespaceFact("qemu-system-x86_64", "dnsmasq")]
    public async Task UEFI_asks_for_its_program_on_port_4011_with_an_address_from_somebody_elses_DHCP_server()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        await using var machine = lab.PowerOn(Uefi(lab));
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(new DhcpHeard(true, DhcpMessageType.Request, DhcpMessageType.Ack, "snponly.efi"), lab.Heard);
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.Offered, Detail: "snponly.efi" });
        // Its address is of no lease of ours.
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.BootstrapSent, Detail: "snponly.efi" });
        Assert.Contains(lab.Directory.Asked, client => client.Architecture == 7);
    }

    [NamespaceFact("qemu-system-x86_64", "dnsmasq")]
    public async Task UEFI_reaches_its_script_by_HTTP_with_an_address_from_somebody_elses_DHCP_server()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        await using var machine = lab.PowerOn([.. Uefi(lab), .. s_noPxe]);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Heard, h => h.BootFile.EndsWith("/ipxe/snponly.efi", StringComparison.Ordinal));
    }

    [NamespaceFact("qemu-system-aarch64")]
    public Task Arm64_runs_its_boot_program_by_TFTP() => Arm64RunsItsProgramAsync([], "PXE, architecture 11");

    [NamespaceFact("qemu-system-aarch64")]
    public Task Arm64_runs_its_boot_program_by_HTTP() =>
        Arm64RunsItsProgramAsync(s_noPxe, "UEFI HTTP, architecture 19");

    private async Task Arm64RunsItsProgramAsync(string[] firmware, string says)
    {
        using var programs = new TempFolder();
        await File.WriteAllBytesAsync(programs["ipxe-arm64.efi"], Arm64Program.Saying(Marker));
        await using var lab = await FirmwareLab.StartAsync(s_plan, programs: programs.Path);
        string[] board = ["-M", "virt", "-cpu", "cortex-a57", "-bios", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"];
        await using var machine = lab.PowerOnWith(
            "qemu-system-aarch64",
            [.. board, "-device", $"{Card},romfile=", .. firmware]
        );
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.Discovered } && r.Detail == says);
        // The machine is faster than the report of its transfer.
        await Eventually.TrueAsync(() =>
            lab.Directory.Reported.Any(r => r is { Step: BootStep.BootstrapSent, Detail: "ipxe-arm64.efi" })
        );
    }

    [NamespaceFact("busybox", "dnsmasq")]
    public async Task A_system_that_does_not_boot_gets_its_address_from_somebody_elses_DHCP_server_undisturbed()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        var client = await lab.AddNeighborAsync();
        var bound = await client.ExecAsync(
            "busybox",
            ["udhcpc", "-i", "eth0", "-f", "-q", "-n", "-s", "/bin/true", "-t", "5", "-T", "1"]
        );
        Assert.True(bound.ExitCode == 0, bound.Errors);
        Assert.Contains("obtained from 10.7.0.9", bound.Output + bound.Errors, StringComparison.Ordinal);
        Assert.Empty(lab.Directory.Reported);
    }

    private static bool HasBootProgram(FirmwareLab lab) =>
        lab.Directory.Reported.Any(r => r.Step == BootStep.BootstrapSent);

    private static DhcpOptions WithoutHttp(DhcpOptions options) =>
        options.With(DhcpOptionCode.Ipxe, options.Encapsulated(DhcpOptionCode.Ipxe).Without((DhcpOptionCode)19));

    private static string[] Uefi(FirmwareLab lab) =>
        [
            "-M",
            "q35",
            "-drive",
            "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd",
            "-drive",
            $"if=pflash,format=raw,unit=1,file={lab.FirmwareVariables()}",
            "-device",
            $"{Card},romfile=",
        ];

    private async Task<double> SecondsToScriptAsync(FirmwareLab lab, WatchedProcess machine)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await machine.Output.WaitForAsync(Marker, TimeSpan.FromSeconds(120));
        }
        finally
        {
            output.WriteLine(machine.Output.Transcript());
            output.WriteLine(string.Join('\n', lab.Directory.Reported));
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"script after {seconds:0.0} s"));
        return seconds;
    }
}
