using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices.Tests;

/// <summary>Boots of a device that writes a version in maintenance.</summary>
public sealed class MaintenanceBootTests : IAsyncLifetime
{
    private FarmFixture _farm = null!;
    private DeviceId _device;
    private VDiskId _vDisk;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _vDisk) = await _farm.AddDeviceWithVDiskAsync();
        await SetAccessAsync(VersionAccess.Maintenance);
        await DoneAsync(new OpenMaintenance(_vDisk));
    }

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task Write_cache_is_kept_from_boot_to_boot_until_the_version_is_closed()
    {
        var first = await BootAsync();
        Assert.Equal((DiskMode.Maintenance, false), (first.Plan!.Mode, first.IsCacheKept));
        await OffAsync(first);
        var second = await BootAsync();
        Assert.Equal((first.Cache, true, 2), (second.Cache, second.IsCacheKept, View.Boot!.Writes));

        Assert.Contains("runs from", await RefusedAsync(new CloseMaintenance(_vDisk)), StringComparison.Ordinal);
        await OffAsync(second);
        await DoneAsync(new CloseMaintenance(_vDisk));
        // Neither a boot nor the boot that was gets what is being made a layer.
        foreach (var nonce in new[] { _farm.Nonce(_device), second.Boot })
            Assert.Contains("is being made version 2", await NotOpenedAsync(nonce), StringComparison.Ordinal);

        var layer = new LayerId(Guid.NewGuid());
        await DoneAsync(new ClaimMaking(_vDisk, 2, "one", layer));
        await DoneAsync(new AddVersion(_vDisk, layer, 1 << 20, "ab", false, null, Number: 2));
        Assert.True(_farm.Farm.View.Current.IsCacheOver(View));
        Assert.Contains("is closed: it has to boot", await NotOpenedAsync(second.Boot), StringComparison.Ordinal);
        var third = await BootAsync();
        Assert.Equal((layer, DiskMode.Standard, false), (third.Image, third.Plan!.Mode, third.IsCacheKept));
        Assert.Equal(2, third.Chain.Length);
        Assert.NotEqual(second.Cache, third.Cache);
    }

    [Fact]
    public async Task What_is_written_lies_at_servers_though_the_device_has_its_write_cache_itself_otherwise()
    {
        var assigned = await _farm.Devices.AssignAsync(_device, new(_vDisk, BootTransport.Nbd, Cache: CachePlace.Ram));
        Assert.IsType<Reply.Done>(assigned);
        var writing = await BootAsync();
        Assert.Equal((DiskMode.Maintenance, true), (writing.Plan!.Mode, writing.HasCache));
        await OffAsync(writing);
        await DoneAsync(new DeleteVersion(_vDisk, 2));
        Assert.False((await BootAsync()).HasCache);
    }

    [Fact]
    public async Task Device_boots_nothing_else_and_is_not_removed_while_what_it_wrote_is_open()
    {
        await OffAsync(await BootAsync());
        await SetAccessAsync(VersionAccess.Production);
        const string bound = "pc07: it writes version 2 of debian: promote, close or delete that first";
        Assert.Equal(bound, await NotOpenedAsync(_farm.Nonce(_device)));
        Assert.Equal(bound, ((Reply.Refused)await _farm.Devices.RemoveAsync(View, force: true)).Reason);
        await DoneAsync(new DeleteVersion(_vDisk, 2));
        var boot = await BootAsync();
        Assert.Equal((DiskMode.Standard, false, default(int?)), (boot.Plan!.Mode, boot.IsCacheKept, View.Boot!.Writes));
    }

    [Fact]
    public async Task Forced_closing_ends_the_session_that_runs()
    {
        var boot = await BootAsync();
        await DoneAsync(new CloseMaintenance(_vDisk, IsForced: true));
        Assert.Contains("is being made version 2", await NotOpenedAsync(boot.Boot), StringComparison.Ordinal);
        Assert.False(_farm.Farm.View.Current.IsCacheOver(View));
    }

    [Fact]
    public async Task Boot_that_never_had_its_disk_begins_again_with_a_clean_write_cache()
    {
        var nonce = _farm.Nonce(_device);
        var lost = (SessionGrant)await _farm.AskAsync(new OpenSession(_device, nonce, "one"));
        var again = (SessionGrant)await _farm.AskAsync(new OpenSession(_device, nonce, "two"));
        Assert.True(again.MakesCache);
        Assert.NotEqual(lost.Cache, again.Cache);
    }

    private DeviceState View => _farm.Farm.View.Current.Device(_device)!;

    private async Task<SessionGrant> BootAsync()
    {
        // A nonce is newer than the one before.
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        _farm.Know("one");
        var grant = Assert.IsType<SessionGrant>(
            await _farm.AskAsync(new OpenSession(_device, _farm.Nonce(_device), "one"))
        );
        if (grant.MakesCache)
            Assert.IsType<Reply.Done>(await _farm.AskAsync(new ConfirmSession(_device, grant.Epoch, "one")));
        else
            // What the streamer does when its members have opened the epoch.
            Assert.NotNull(
                await _farm.Farm.Services.Sessions.SwapAsync(SessionRules.Opened(grant.RowAt("one"), ["one"]))
            );
        return grant;
    }

    private async Task OffAsync(SessionGrant grant) =>
        await _farm.Farm.AskAsync(_farm.Farm.Devices, new ReportPhase(_device, grant.Epoch, DevicePhase.Off));

    private async Task<string> NotOpenedAsync(BootId nonce)
    {
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        return Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(_device, nonce, "one"))).Reason;
    }

    private async Task SetAccessAsync(VersionAccess access) =>
        Assert.IsType<Reply.Done>(
            await _farm.Farm.AskAsync(_farm.Farm.Devices, new ChangeDeviceSettings(_device, new(Access: access)))
        );

    private async Task DoneAsync(IVDiskCommand command)
    {
        var reply = await _farm.VDisks.AskAsync(command);
        Assert.True(reply is Reply.Done, (reply as Reply.Refused)?.Reason);
    }

    private async Task<string> RefusedAsync(IVDiskCommand command) =>
        Assert.IsType<Reply.Refused>(await _farm.VDisks.AskAsync(command)).Reason;
}
