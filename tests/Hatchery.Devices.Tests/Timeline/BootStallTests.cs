using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class BootStallTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId s_device = new(Guid.NewGuid());

    private static readonly string[] s_steps =
    [
        .. typeof(BootSteps).GetFields().Select(f => (string)f.GetRawConstantValue()!),
        "what a newer server writes",
    ];

    private static readonly string[] s_details =
    [
        "",
        "10.7.0.101",
        "snponly.efi",
        "iqn.2026-01.net.hatchery:x",
        "why\nnot",
    ];

    [Theory]
    [InlineData(
        "was offered 10.7.0.101 and never requested it: another DHCP server",
        "discovered",
        "offered=10.7.0.101"
    )]
    [InlineData("was told of snponly.efi and fetched nothing", "discovered", "offered=snponly.efi")]
    [InlineData(
        "offered no address: no address is left in 10.7.0.0/24",
        "discovered",
        "not-offered=no address is left in 10.7.0.0/24"
    )]
    [InlineData("has 10.7.0.101 and fetched nothing: TFTP", "offered=10.7.0.101", "requested=10.7.0.101")]
    [InlineData(
        "a transfer failed and was not begun again: x by TFTP: no such file",
        "requested",
        "transfer-failed=x by TFTP: no such file"
    )]
    [InlineData("Secure Boot", "requested", "bootstrap-sent=snponly.efi")]
    [InlineData("has its script and did not log in: iSCSI", "requested", "script-sent=iqn.x:y")]
    [InlineData("has its script and did not fetch the kernel", "requested", "script-sent=/vdisk/x/kernel")]
    [InlineData(
        "its login was refused: pc07 has booted again since",
        "script-sent",
        "login-refused=pc07 has booted again since"
    )]
    [InlineData("the operating system did not log in", "script-sent", "session-open=10.7.0.101:1")]
    [InlineData("its disk was stopped, and it has to boot: 00000001.seg", "running", "stopped=00000001.seg")]
    [InlineData("it did not come back", "lost", "cache-has-room")]
    [InlineData("its keeper does not answer", "running", "waits=its keeper does not answer")]
    [InlineData(
        "its writes wait",
        "running",
        "waits=its writes wait: beta",
        "login-refused=pc07 has booted again since"
    )]
    [InlineData("pc07 has no vDisk", "requested", "nothing-to-boot=pc07 has no vDisk")]
    public void Cause_says_what_did_not_happen(string cause, params string[] steps) =>
        Assert.Contains(cause, BootStall.Of(Steps(steps), s_start.AddMinutes(10))!.Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("discovered", "offered", "script-sent", "session-open", "running")]
    [InlineData("running", "lost", "off")]
    [InlineData("running", "login-refused")]
    [InlineData]
    public void Machine_that_runs_or_is_off_is_not_stalled(params string[] steps) =>
        Assert.Null(BootStall.Of(Steps(steps), s_start.AddDays(1)));

    [Fact]
    public void End_of_the_boot_before_that_is_noticed_late_hides_nothing()
    {
        var stall = BootStall.Of(
            Steps("running", "discovered", "offered=10.7.0.101", "lost", "off"),
            s_start.AddMinutes(1)
        );
        Assert.Equal(s_start.AddSeconds(2), stall!.Since);
    }

    [Fact]
    public void Firmware_that_lets_go_of_the_disk_has_not_lost_its_machine()
    {
        var steps = Steps("script-sent=iqn.x:y", "session-open", "lost");
        Assert.Null(BootStall.Of(steps, s_start.AddSeconds(170)));
        var stall = BootStall.Of(steps, s_start.AddSeconds(200))!;
        Assert.Contains("the operating system did not log in", stall.Cause, StringComparison.Ordinal);
        Assert.NotNull(BootStall.Of([.. steps, .. Steps("running", "lost")], s_start.AddSeconds(200)));
    }

    [Fact]
    public void Any_steps_at_any_time_are_decided_alike_and_a_stall_lasts_until_the_next_step()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 20_000; round++)
        {
            var steps = Enumerable
                .Range(0, random.Next(1, 8))
                .Select(i => new TimelineStep(
                    s_device,
                    s_start.AddSeconds((i * 10) + random.Next(0, 10)),
                    s_steps[random.Next(s_steps.Length)],
                    "one",
                    s_details[random.Next(s_details.Length)]
                ))
                .ToArray();
            var last = steps[^1].At;
            var now = last.AddSeconds(random.Next(0, 400));
            var stall = BootStall.Of(steps, now);

            var reached = steps.Aggregate(default(TimelineStep), BootStall.Reached)!;
            Assert.Equal(BootStall.At(reached, now), stall);
            Assert.Contains(reached, steps);
            Assert.NotEqual((true, true), (stall is not null, reached.Step is BootSteps.Running or BootSteps.Off));
            if (stall is not null)
            {
                Assert.Equal((reached.At, reached.At <= now), (stall.Since, true));
                Assert.Equal(stall, BootStall.Of(steps, now.AddSeconds(random.Next(0, 1_000_000))));
            }
            var runs = new TimelineStep(s_device, now, BootSteps.Running, "one", "");
            Assert.Null(BootStall.Of([.. steps, runs], now.AddDays(1)));
            Assert.Null(BootStall.Of([.. steps, runs with { Step = BootSteps.Discovered }], now));
        }
    }

    /// <summary>A second apart, each as step=detail.</summary>
    private static TimelineStep[] Steps(params string[] steps) =>
        [
            .. steps.Select(
                (text, i) =>
                {
                    var parts = text.Split('=', 2);
                    return new TimelineStep(
                        s_device,
                        s_start.AddSeconds(i),
                        parts[0],
                        "one",
                        parts.ElementAtOrDefault(1) ?? ""
                    );
                }
            ),
        ];
}
