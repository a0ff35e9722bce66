using System.Net;
using Hatchery.Boot.Http;
using Hatchery.Boot.Script;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Script;

public sealed class IpxeScriptTests(ITestOutputHelper output)
{
    private const string Target = "iqn.2026-01.test.hatchery:0011.2233";
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:00:00:01");
    private static readonly DeviceId s_device = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));

    private static readonly BootServer[] s_servers =
    [
        new(IPAddress.Parse("10.7.0.1"), 8069, 3260),
        new(IPAddress.Parse("10.7.0.2"), 8070, 3261),
    ];

    [Fact]
    public void A_disk_is_attached_from_any_server_of_the_farm()
    {
        var script = Render(new BootPlan.San(s_device, "kiosk-1", Target), out var refusal);
        Assert.Null(refusal);
        Assert.StartsWith("#!ipxe\necho Hatchery: kiosk-1 boots from its disk\n", script, StringComparison.Ordinal);
        Assert.Contains(
            $"\nsanboot iscsi:10.7.0.1::3260:1:{Target} iscsi:10.7.0.2::3261:1:{Target} || goto failed\n",
            script,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void No_more_than_two_ways_to_a_disk_are_taken_at_once()
    {
        var third = new BootServer(IPAddress.Parse("10.7.0.3"), 8071, 3262);
        var plan = new BootPlan.San(s_device, "kiosk-1", Target) { Servers = [.. s_servers, third] };
        Assert.Contains(
            $" iscsi:10.7.0.2::3261:1:{Target} || sanboot iscsi:10.7.0.3::3262:1:{Target} || goto failed\n",
            Render(plan, out _),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_kernel_is_fetched_from_any_server_of_the_farm()
    {
        var script = Render(
            new BootPlan.Kernel(s_device, "k", "/vdisk/a/vmlinuz", "/vdisk/a/initrd", "ro quiet"),
            out _
        );
        Assert.Contains(
            "\nkernel --name kernel http://10.7.0.1:8069/vdisk/a/vmlinuz ro quiet initrd=initrd"
                + " || kernel --name kernel http://10.7.0.2:8070/vdisk/a/vmlinuz ro quiet initrd=initrd || goto failed\n"
                + "initrd --name initrd http://10.7.0.1:8069/vdisk/a/initrd"
                + " || initrd --name initrd http://10.7.0.2:8070/vdisk/a/initrd || goto failed\nboot || goto failed\n",
            script,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_machine_that_failed_asks_for_a_fresh_script_until_a_server_answers()
    {
        var script = Render(new BootPlan.San(s_device, "k", Target), out _);
        Assert.Contains(
            "\nchain --replace http://10.7.0.2:8070/boot/52-54-00-00-00-01?uuid=${uuid}&arch=7&attempt=1 ||\n",
            script,
            StringComparison.Ordinal
        );
        Assert.EndsWith("\ngoto again\n", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 8)]
    [InlineData(4, 16)]
    [InlineData(60_000, 16)]
    public void A_machine_that_fails_again_and_again_waits_longer(int attempt, int seconds) =>
        Assert.Contains(
            $"\nset pause:int32 {seconds}\n",
            Render(new BootPlan.San(s_device, "k", Target), out _, attempt),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_machine_with_nothing_to_boot_says_why_and_asks_again_for_some_time()
    {
        var plan = new BootPlan.Nothing("this machine is not known here");
        var first = Render(plan, out _);
        Assert.Contains(
            "echo Hatchery: 52:54:00:00:00:01: this machine is not known here\n",
            first,
            StringComparison.Ordinal
        );
        Assert.Contains("&arch=7&attempt=1 ||\n", first, StringComparison.Ordinal);
        var last = Render(plan, out _, attempt: 30);
        Assert.DoesNotContain("chain", last, StringComparison.Ordinal);
        Assert.EndsWith("exit 1\n", last, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iqn.test:a b")]
    [InlineData("iqn.test:a\nshell")]
    [InlineData("iqn.test:${net0/ip}")]
    [InlineData("disk")]
    [InlineData("iqn.TEST")]
    public void A_target_name_that_is_none_is_refused(string name)
    {
        var script = Render(new BootPlan.San(s_device, "k", name), out var refusal);
        Assert.NotNull(refusal);
        Assert.DoesNotContain("sanboot", script, StringComparison.Ordinal);
        Assert.DoesNotContain(name, script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a", "/b", "x\nshell")]
    [InlineData("/a", "/b", "x ${y}")]
    [InlineData("/a", "/b", "x || shell")]
    [InlineData("/a", "/b", "x ; shell")]
    [InlineData("/a", "/b", "ümlaut")]
    [InlineData("a", "/b", "")]
    [InlineData("/a b", "/b", "")]
    [InlineData("/a", "/../b", "")]
    [InlineData("/a?x", "/b", "")]
    public void A_kernel_plan_that_would_mean_something_else_is_refused(string kernel, string initrd, string arguments)
    {
        var script = Render(new BootPlan.Kernel(s_device, "k", kernel, initrd, arguments), out var refusal);
        Assert.NotNull(refusal);
        Assert.DoesNotContain("\nkernel ", script, StringComparison.Ordinal);
        Assert.DoesNotContain("shell", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_add_no_line_and_no_expansion()
    {
        var random = Seed.New(output, 5);
        var plain = Render(new BootPlan.San(s_device, "name", Target), out _).Split('\n').Length;
        for (var round = 0; round < 2000; round++)
        {
            var name = string.Concat(
                Enumerable.Range(0, random.Next(40)).Select(_ => "\r\n\0${}|&;#\"\\`é a"[random.Next(16)])
            );
            var script = Render(new BootPlan.San(s_device, name, Target), out _);
            Assert.Equal(plain, script.Split('\n').Length);
            Assert.DoesNotContain('$', script.Split('\n')[1]);
            Assert.DoesNotContain('|', script.Split('\n')[1]);
        }
    }

    [Fact]
    public void The_generic_script_asks_every_server_for_the_machines_own()
    {
        var script = IpxeScript.Generic(s_servers);
        Assert.Contains(
            "chain --replace http://10.7.0.1:8069/boot/${netX/mac:hexhyp}?uuid=${uuid}&arch=${arch} ||\n"
                + "chain --replace http://10.7.0.2:8070/boot/${netX/mac:hexhyp}?uuid=${uuid}&arch=${arch} ||\n",
            script,
            StringComparison.Ordinal
        );
    }

    private static string Render(BootPlan plan, out string? refusal, int attempt = 0) =>
        new IpxeScript(new HttpBootSettings()).Render(
            plan,
            new(s_mac, Architecture: 7),
            s_servers,
            attempt,
            out refusal
        );
}
