using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Operations.Tests;

/// <summary>What an operator is told while servers make versions; here it is the test that makes them.</summary>
public sealed class VDiskMakingTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;
    private DeviceId _device;
    private VDiskId _vDisk;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        (_device, _vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync();
        _rig.Farm.Farm.Services.Lacking = _ => [];
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Version_is_written_by_one_device_and_promoted_when_it_is_made_and_everywhere()
    {
        Assert.Equal(
            "debian version 2: in maintenance on top of version 1. The first device with --access maintenance that boots it writes it; when that is shut down: pbm vdisk version promote debian",
            await VersionAsync("create", "--note", "updates", "--by", "ann")
        );
        Assert.Contains("maintenance, to be written", await VersionAsync("list"), StringComparison.Ordinal);
        await _rig.RunAsync("device", "set", "pc07", "--access", "maintenance");
        var grant = await BootAsync();
        Assert.Equal(DiskMode.Maintenance, grant.Plan!.Mode);
        Assert.Contains("maintenance, written by pc07", await VersionAsync("list"), StringComparison.Ordinal);
        Assert.Contains("version 2", await _rig.RunAsync("device", "show", "pc07"), StringComparison.Ordinal);
        Assert.StartsWith(
            "pc07 runs from debian version 2 and writes it: shut it down first",
            await _rig.FailAsync("vdisk", "version", "promote", "debian"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "it writes version 2 of debian",
            await _rig.FailAsync("device", "remove", "pc07", "--force"),
            StringComparison.Ordinal
        );
        await OffAsync(grant);

        var asked = new TaskCompletionSource();
        _rig.Farm.Farm.Services.Lacking = _ =>
        {
            asked.TrySetResult();
            return ["two"];
        };
        var promotion = VersionAsync("promote");
        await UntilAsync(d => d.Making is not null);
        Assert.Contains("being made, then test", await OtherAsync("list"), StringComparison.Ordinal);
        await MakeAsync();
        await asked.Task;
        Assert.False(promotion.IsCompleted);
        Assert.Contains("test when every server holds it", await OtherAsync("list"), StringComparison.Ordinal);
        _rig.Farm.Farm.Services.Lacking = _ => [];
        await DoneAsync(new EndMaking(_vDisk, 2));
        var said = await promotion;
        Assert.Contains(
            "debian version 2: waits for a server with the write cache of pc07",
            said,
            StringComparison.Ordinal
        );
        Assert.Contains("made; waits until two has it, for test", said, StringComparison.Ordinal);
        Assert.Contains("debian version 2: test, on version 1", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_version_stays_in_maintenance_and_what_is_deleted_before_it_is_made_is_said()
    {
        await VersionAsync("create");
        await _rig.RunAsync("device", "set", "pc07", "--access", "maintenance");
        var grant = await BootAsync();
        Assert.Contains(
            "runs from",
            await _rig.FailAsync("vdisk", "version", "close", "debian"),
            StringComparison.Ordinal
        );
        var forced = _rig.FailAsync("vdisk", "version", "close", "debian", "--force");
        await UntilAsync(d => d.Making is not null);
        await OffAsync(grant);
        await OtherAsync("delete", "--version", "2");
        Assert.EndsWith("version 2 was deleted before it was made", await forced, StringComparison.Ordinal);

        await VersionAsync("create");
        await OffAsync(await BootAsync());
        var closing = VersionAsync("close");
        await UntilAsync(d => d.Making is not null);
        await MakeAsync();
        Assert.Contains("debian version 3: maintenance, on version 1", await closing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_image_and_a_chain_become_versions()
    {
        await _rig.RunAsync("device", "assign", "pc07", "debian", "--mode", "private");
        await OffAsync(await BootAsync());
        var making = VersionAsync("create", "--from-private", "pc07", "--to", "test");
        await UntilAsync(d => d.Making is not null);
        await MakeAsync();
        await DoneAsync(new EndMaking(_vDisk, 2));
        Assert.Contains("debian version 2: test, on version 1", await making, StringComparison.Ordinal);
        // It goes on with what it wrote.
        Assert.True((await BootAsync()).IsCacheKept);

        var merging = VersionAsync("merge", "--base");
        await UntilAsync(d => d.Making is not null);
        await MakeAsync();
        await DoneAsync(new EndMaking(_vDisk, 3));
        Assert.Contains("debian version 3: test, a whole image", await merging, StringComparison.Ordinal);
        Assert.Equal("debian: never merged by itself", await VersionAsync("merge", "--above", "0"));
    }

    private VDiskState Disk => _rig.Farm.Farm.View.Current.VDisk("debian")!;

    private Task<string> VersionAsync(string action, params string[] words) =>
        _rig.RunAsync(["vdisk", "version", action, "debian", .. words]);

    /// <summary>By another operator, while the first one waits.</summary>
    private async Task<string> OtherAsync(string action, params string[] words)
    {
        using var other = await _rig.ConnectAsync();
        var (_, text) = await other.RunAsync(["vdisk", "version", action, "debian", .. words]);
        return text;
    }

    private Task UntilAsync(Func<VDiskState, bool> isSo) => Eventually.TrueAsync(() => isSo(Disk));

    /// <summary>What a server does.</summary>
    private async Task MakeAsync()
    {
        var (number, layer) = (Disk.Making!.Number, new LayerId(Guid.NewGuid()));
        await DoneAsync(new ClaimMaking(_vDisk, number, "here", layer));
        await DoneAsync(new AddVersion(_vDisk, layer, 1 << 20, "ab", false, null, Number: number));
    }

    private async Task DoneAsync(IVDiskCommand command)
    {
        var reply = await _rig.Farm.VDisks.AskAsync(command);
        Assert.True(reply is Reply.Done, (reply as Reply.Refused)?.Reason);
    }

    private async Task<SessionGrant> BootAsync()
    {
        _rig.Farm.Time.Advance(TimeSpan.FromMinutes(1));
        _rig.Farm.Know("here");
        var opened = await _rig.Farm.AskAsync(new OpenSession(_device, _rig.Farm.Nonce(_device), "here"));
        Assert.True(opened is SessionGrant, (opened as Reply.Refused)?.Reason);
        var grant = (SessionGrant)opened;
        if (grant.MakesCache)
            Assert.IsType<Reply.Done>(await _rig.Farm.AskAsync(new ConfirmSession(_device, grant.Epoch, "here")));
        return grant;
    }

    private async Task OffAsync(SessionGrant grant) =>
        await _rig.Farm.Farm.AskAsync(_rig.Farm.Farm.Devices, new ReportPhase(_device, grant.Epoch, DevicePhase.Off));
}
