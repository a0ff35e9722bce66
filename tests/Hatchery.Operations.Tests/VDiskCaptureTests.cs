using Hatchery.Devices;
using Petabridge.Cmd.Protocol;

namespace Hatchery.Operations.Tests;

public sealed class VDiskCaptureTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Ordered_capture_is_what_the_machine_boots_next_and_no_vdisk_yet()
    {
        Assert.Equal(
            "pc07 sends /dev/sda at its next boot from the network: start it, or restart it",
            await _rig.RunAsync(Capture("golden", "--disk", "/dev/sda", "--then", "restart", "--by", "ann"))
        );
        var order = Device.Capture!;
        Assert.Equal(
            ("golden", "here", "/dev/sda", true, "ann"),
            (order.Name, order.Server, order.Disk, order.Restarts, order.By)
        );
        Assert.Contains(
            "sends its own disk, which becomes vDisk golden",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("golden", await _rig.RunAsync("vdisk", "list"), StringComparison.Ordinal);
        // The same again goes on with it.
        await _rig.RunAsync(Capture("golden"));
        Assert.Equal(order, Device.Capture);
    }

    [Fact]
    public async Task Capture_is_cancelled_and_may_be_ordered_anew()
    {
        await _rig.RunAsync(Capture("golden"));
        var image = Device.Capture!.Image;
        Assert.Contains(
            "nothing of it is left",
            await _rig.RunAsync(Capture("golden", "--cancel")),
            StringComparison.Ordinal
        );
        Assert.Null(Device.Capture);
        Assert.Equal("pc07 is not to be captured into golden", await _rig.FailAsync(Capture("golden", "--cancel")));
        await _rig.RunAsync(Capture("golden"));
        Assert.NotEqual(image, Device.Capture!.Image);
    }

    [Fact]
    public async Task What_cannot_be_captured_is_refused_with_a_reason()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        Assert.Equal("vDisk data is there already", await _rig.FailAsync(Capture("data")));
        Assert.Equal(
            "'sda' is no disk: /dev/sda, /dev/nvme0n1",
            await _rig.FailAsync(Capture("golden", "--disk", "sda"))
        );
        Assert.Equal(
            "--then takes off or restart, not 'dance'",
            await _rig.FailAsync(Capture("golden", "--then", "dance"))
        );
        Assert.Equal(
            "/nowhere is not there",
            await _rig.FailAsync(Capture("golden", "--kernel", "/nowhere", "--initrd", "/nowhere"))
        );
        Assert.Contains(
            "come together",
            await _rig.FailAsync(Capture("golden", "--kernel", "/nowhere")),
            StringComparison.Ordinal
        );
        Assert.Null(Device.Capture);
        await _rig.RunAsync(Capture("golden"));
        Assert.Contains(
            "is to be captured into golden already",
            await _rig.FailAsync(Capture("silver")),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("device", "add", "pc08", "52:54:00:77:00:11");
        Assert.Equal(
            "pc07 is to be captured into golden already",
            await _rig.FailAsync("vdisk", "capture", "golden", "--device", "pc08", "--no-wait")
        );
        File.Delete(_rig.Folder["vmlinuz"]);
        await _rig.RunAsync(Capture("golden", "--cancel"));
        Assert.EndsWith(
            "vmlinuz is not there (hatchery.boot.capture)",
            await _rig.FailAsync(Capture("golden")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Report_ends_with_the_capture_and_says_how()
    {
        await _rig.RunAsync(Capture("golden"));
        using var other = await _rig.ConnectAsync();
        await other.StartAsync("vdisk", "capture", "golden", "--device", "pc07");
        Assert.Contains("Ctrl+C ends this report", (await other.AnswerAsync()).Text, StringComparison.Ordinal);
        Assert.Equal("golden: waits for pc07 to boot from the network", (await other.AnswerAsync()).Text);
        await _rig.RunAsync("vdisk", "capture", "golden", "--device", "pc07", "--cancel", "--by", "ann");
        var ended = await other.AnswerAsync();
        Assert.Equal((AnswerPart.Failed, "golden: cancelled by ann"), (ended.Outcome, ended.Text));
    }

    private DeviceState Device => _rig.Farm.Farm.View.Current.Device("pc07")!;

    private static string[] Capture(string name, params string[] more) =>
        ["vdisk", "capture", name, "--device", "pc07", "--no-wait", .. more];
}
