using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

public sealed class UnknownMachineTests(ITestOutputHelper output)
{
    private const int Machine = 1;

    [Trait("Tier", "vm")]
    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_machine_that_nobody_announced_is_added_by_a_rule_and_boots_what_its_collection_boots()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        string[] boots = ["--vdisk", BootLab.VDisk, "--transport", "nbd", "--name-template", "{collection}-{n}"];
        await lab.Server.PbmAsync(["collection", "create", "lab", .. boots]);
        await lab.Server.PbmAsync([
            "unknown",
            "add",
            "qemu",
            "--mac",
            "52:54:00:77",
            "--arch",
            "bios",
            "--subnet",
            "10.77.0.0/24",
            "--collection",
            "lab",
        ]);

        var machine = await lab.PowerOnAsync(Machine, "io mb=8 seed=5");
        await machine.WaitForAsync("IO-VERIFIED", Limits.Boot);

        var device = Assert.Single((await lab.Server.PbmJsonAsync("device", "list")).EnumerateArray());
        Assert.Equal(
            ("lab-1", "lab", "qemu", BootLab.VDisk, "collection", 1),
            (
                device.GetProperty("name").GetString(),
                device.GetProperty("collection").GetString(),
                device.GetProperty("rule").GetString(),
                device.GetProperty("vDisk").GetString(),
                device.GetProperty("vDiskFrom").GetString(),
                device.GetProperty("bootCount").GetInt32()
            )
        );
        Assert.Equal(BootLab.Mac(Machine), device.GetProperty("macs")[0].GetString());
    }

    [Trait("Tier", "vm")]
    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_machine_that_a_rule_refuses_shows_the_reason_and_boots_when_it_is_announced()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.Server.PbmAsync("unknown", "add", "closed", "--refuse", "this hall is closed");

        var machine = await lab.PowerOnAsync(Machine, "boot");
        await machine.WaitForAsync("refused by rule closed: this hall is closed", Limits.Boot);
        Assert.Empty((await lab.Server.PbmJsonAsync("device", "list")).EnumerateArray());
        var seen = Assert.Single((await lab.Server.PbmJsonAsync("unknown", "seen")).EnumerateArray());
        Assert.Equal(
            (BootLab.Mac(Machine), "refused", "closed"),
            (
                seen.GetProperty("mac").GetString(),
                seen.GetProperty("outcome").GetString(),
                seen.GetProperty("rule").GetString()
            )
        );

        await lab.AddDeviceAsync(Machine, "nbd");
        await machine.WaitForAsync("BOOT-DONE", Limits.Boot);
    }

    [NamespaceFact("busybox")]
    public async Task A_client_gets_the_DHCP_options_of_its_collection_and_over_them_its_own()
    {
        await using var lab = await BootLab.StartAsync(output);
        await lab.Server.PbmAsync([
            "collection",
            "create",
            "lab",
            "--dhcp",
            "ntp-servers=10.77.0.8",
            "--dhcp",
            "domain-search=lab.test,example.org",
        ]);
        var client = await lab.PlugInAsync();
        var link = await client.ExecAsync("cat", ["/sys/class/net/eth0/address"]);
        await lab.Server.PbmAsync("device", "add", "pc07", link.Output.Trim(), "--collection", "lab");
        await lab.Server.PbmAsync("device", "set", "pc07", "--dhcp", "ntp-servers=10.77.0.9");

        Assert.Equal(("10.77.0.9", "lab.test example.org"), await OptionsAsync(lab, client));
        await lab.Server.PbmAsync("device", "set", "pc07", "--no-dhcp", "ntp-servers");
        Assert.Equal(("10.77.0.8", "lab.test example.org"), await OptionsAsync(lab, client));
        await lab.Server.PbmAsync("device", "set", "pc07", "--collection", "default");
        Assert.Equal(("", ""), await OptionsAsync(lab, client));
    }

    private static async Task<(string NtpServers, string Search)> OptionsAsync(BootLab lab, NetNamespace client)
    {
        var script = lab.PathOf("bound.sh");
        await File.WriteAllTextAsync(
            script,
            "#!/bin/sh\n[ \"$1\" = bound ] && echo \"got <$ntpsrv> <$search>\"\nexit 0\n"
        );
        await client.ExecAsync("chmod", ["+x", script]);
        await client.IpAsync("link", "set", "eth0", "up");
        string[] once = ["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "10", "-T", "1", "-s", script];
        var result = await client.ExecAsync("busybox", [.. once, "-O", "ntpsrv", "-O", "search"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var said = result
            .Output.Split('\n')
            .Single(l => l.StartsWith("got ", StringComparison.Ordinal))
            .Split('<', '>');
        return (said[1], said[3]);
    }
}
