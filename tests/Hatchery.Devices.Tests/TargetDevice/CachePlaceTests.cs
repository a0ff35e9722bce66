using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices.Tests;

/// <summary>A device that has its write cache itself: what the farm gives it can only be read, and goes on anywhere.</summary>
public sealed class CachePlaceTests : IAsyncLifetime
{
    private FarmFixture _farm = null!;
    private DeviceId _device;
    private VDiskId _vDisk;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _vDisk) = await _farm.AddDeviceWithVDiskAsync();
        _farm.Know("one", "two");
    }

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task Boot_has_no_write_cache_and_its_session_is_open_at_once()
    {
        await AssignAsync(CachePlace.Ram);
        var grant = await BootAsync();
        Assert.Equal((false, false, true), (grant.HasCache, grant.MakesCache, grant.IsNewBoot));
        Assert.Equal(SessionPhase.Open, (await RowAsync()).Phase);
        Assert.False(Device.Boot!.HasCache);
    }

    [Fact]
    public async Task Boot_goes_on_at_any_server_in_a_new_epoch_and_without_its_keeper()
    {
        await AssignAsync(CachePlace.Disk);
        var grant = await BootAsync();
        var second = Assert.IsType<SessionGrant>(await OpenAsync(grant.Boot, "two"));
        Assert.Equal((grant.Epoch.Next(), false, false), (second.Epoch, second.IsNewBoot, second.HasCache));
        Assert.Equal((SessionPhase.Open, "two"), ((await RowAsync()).Phase, (await RowAsync()).Streamer));
        var without = new KeeperlessReturn(
            new SessionDirectory(
                _farm.Farm.Services.Sessions,
                () => _farm.Farm.Devices,
                () => _farm.Farm.Services.Servers(),
                TimeProvider.System
            ),
            _farm.Farm.View,
            () => _farm.Farm.Services.Servers(),
            _ => null,
            TimeSpan.FromSeconds(5)
        );
        var third = Assert.IsType<SessionGrant>(
            await without.TryAsync(new(_device, grant.Boot, "three"), new(_farm.Time))
        );
        Assert.Equal((second.Epoch.Next(), false), (third.Epoch, third.HasCache));
    }

    [Fact]
    public async Task Server_without_the_image_sends_it_to_one_that_has_it()
    {
        await AssignAsync(CachePlace.Ram);
        var grant = await BootAsync();
        _farm.Farm.Services.Servers = () => [FarmFixture.Server("one"), FarmFixture.Server("two", grant.Image)];
        var elsewhere = Assert.IsType<Reply.Elsewhere>(
            await _farm.AskAsync(new OpenSession(_device, grant.Boot, "one", Obstacle: "the disk failed here"))
        );
        Assert.Equal("two", elsewhere.Server);
    }

    [Fact]
    public async Task Next_boot_with_its_write_cache_at_the_server_has_a_clean_one_and_the_other_way_round()
    {
        var first = await BootAsync();
        await _farm.AskAsync(new ConfirmSession(_device, first.Epoch, "one"));
        await AssignAsync(CachePlace.RamDisk);
        var second = await BootAsync();
        Assert.Equal((false, first.Cache), (second.HasCache, second.Retired));
        await AssignAsync(CachePlace.Server);
        var third = await BootAsync();
        Assert.Equal((true, null), (third.HasCache, third.Retired));
        Assert.Equal(SessionPhase.Booting, (await RowAsync()).Phase);
    }

    [Fact]
    public async Task Places_that_do_not_go_with_the_mode_or_the_transport_are_refused()
    {
        foreach (
            var (wrong, reason) in (IEnumerable<(Assignment, string)>)
                [
                    (
                        new(_vDisk, BootTransport.Nbd, DiskMode.Private, Cache: CachePlace.Ram),
                        "a write cache in the machine itself is for the mode standard: what is to be kept lies at servers"
                    ),
                    (
                        new(_vDisk, BootTransport.San, Cache: CachePlace.Disk),
                        "a write cache in the machine itself is made by its initramfs: it needs the transport nbd or iscsi"
                    ),
                    (
                        new(_vDisk, BootTransport.Nbd, Cache: CachePlace.Disk, CacheRamBytes: 1 << 30),
                        "how much memory a write cache may take is for the caches ram and ram-disk"
                    ),
                    (
                        new(_vDisk, BootTransport.Nbd, Cache: CachePlace.Ram, CacheRamBytes: 1),
                        "a write cache takes 16 MiB of memory or more, up to 16 TiB"
                    ),
                ]
        )
            Assert.Equal(
                (Refusal.Invalid, reason),
                Assert.IsType<Reply.Refused>(await _farm.Devices.AssignAsync(_device, wrong)) is var refused
                    ? (refused.Refusal, refused.Reason)
                    : default
            );
    }

    private DeviceState Device => _farm.Farm.View.Current.Device(_device)!;

    private async Task<SessionRow> RowAsync() => (await _farm.Farm.Services.Sessions.ReadAsync(_device))!;

    private async Task AssignAsync(CachePlace place) =>
        Assert.IsType<Reply.Done>(
            await _farm.Devices.AssignAsync(_device, new(_vDisk, BootTransport.Nbd, Cache: place))
        );

    private Task<Reply> OpenAsync(BootId nonce, string server) =>
        _farm.AskAsync(new OpenSession(_device, nonce, server));

    private async Task<SessionGrant> BootAsync()
    {
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        return Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(_device), "one"));
    }
}
