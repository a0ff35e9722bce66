using System.Diagnostics;
using System.Globalization;
using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Firmware;

[Trait("Tier", "vm")]
public sealed class FirmwareTests(ITestOutputHelper output)
{
    private const string Marker = "nothing here for this one";
    private const string Card = "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01,bootindex=1";
    private static readonly BootPlan s_plan = new BootPlan.Nothing(Marker);

    /// <summary>Without an answer to its router solicitations iPXE waits 16 s between the offer and its script, by its own clock.</summary>
    [NamespaceFact("qemu-system-x86_64")]
    public async Task BIOS_reaches_its_script_without_waiting_for_IPv6_routers()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan);
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await Eventually.TrueAsync(() => lab.Directory.Reported.Any(r => r.Step == BootStep.Offered));
        Assert.InRange(await SecondsToScriptAsync(lab, machine), 0, 14);
        Assert.Equal(
            [BootStep.Discovered, BootStep.Offered, BootStep.ScriptSent],
            lab.Directory.Reported.Take(3).Select(r => r.Step)
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
        await using var machine = lab.PowerOn([
            .. Uefi(lab),
            "-fw_cfg",
            "name=opt/org.tianocore/IPv4PXESupport,string=no",
            "-fw_cfg",
            "name=opt/org.tianocore/IPv6PXESupport,string=no",
        ]);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r.Detail == "UEFI HTTP");
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.BootstrapSent, Detail: "snponly.efi" });
    }

    [NamespaceFact("qemu-system-x86_64", "dnsmasq")]
    public async Task BIOS_reaches_its_script_with_an_address_from_somebody_elses_DHCP_server()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        await using var machine = lab.PowerOn("-M", "pc,graphics=off", "-device", Card);
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains("10.7.0.5", machine.Output.Transcript(), StringComparison.Ordinal);
    }

    [NamespaceFact("qemu-system-x86_64", "dnsmasq")]
    public async Task UEFI_reaches_its_script_with_an_address_from_somebody_elses_DHCP_server()
    {
        await using var lab = await FirmwareLab.StartAsync(s_plan, mode: DhcpMode.Proxy);
        await using var machine = lab.PowerOn(Uefi(lab));
        await SecondsToScriptAsync(lab, machine);
        Assert.Contains(lab.Directory.Reported, r => r is { Step: BootStep.Offered, Detail: "snponly.efi" });
        Assert.Contains(lab.Directory.Asked, client => client.Architecture == 7);
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
