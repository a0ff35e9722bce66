using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices.Tests;

public sealed class KeptCacheTests : IAsyncLifetime
{
    private FarmFixture _farm = null!;
    private DeviceId _device;
    private VDiskId _vDisk;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _vDisk) = await _farm.AddDeviceWithVDiskAsync();
    }

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task Differencing_image_keeps_the_write_cache_across_boots_until_its_period_ends()
    {
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Differencing, TimeSpan.FromHours(2)));
        var first = await BootAsync();
        Assert.Equal((DiskMode.Differencing, false), (first.Plan!.Mode, first.IsCacheKept));
        await _farm.StartAgainAsync();
        _farm.Time.Advance(TimeSpan.FromHours(1));
        var second = await BootAsync();
        Assert.Equal(
            (first.Cache, true, true, null),
            (second.Cache, second.IsNewBoot, second.IsCacheKept, second.Retired)
        );
        Assert.Equal(first.Epoch.Next(), second.Epoch);
        Assert.NotEqual(first.Boot, second.Boot);
        Assert.Equal(SessionPhase.Opening, second.RowAt("one").Phase);

        _farm.Time.Advance(TimeSpan.FromHours(1));
        var third = await BootAsync();
        Assert.False(third.IsCacheKept);
        Assert.Equal(first.Cache, third.Retired);
    }

    [Fact]
    public async Task Standard_image_forgets()
    {
        var first = await BootAsync();
        var second = await BootAsync();
        Assert.Equal((false, first.Cache), (second.IsCacheKept, second.Retired));
    }

    [Fact]
    public async Task Kept_write_cache_is_booted_from_where_it_is_and_waited_for()
    {
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Differencing));
        var first = await BootAsync();
        _farm.Know("one", "two");
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        var nonce = _farm.Nonce(_device);
        Assert.Equal("one", Assert.IsType<Reply.Elsewhere>(await OpenAsync(nonce, "two")).Server);
        _farm.Know("two");
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Refusal.Unavailable, Assert.IsType<Reply.Refused>(await OpenAsync(nonce, "two")).Refusal);
        _farm.Know("one", "two");
        Assert.Equal(first.Cache, Assert.IsType<SessionGrant>(await OpenAsync(nonce, "one")).Cache);
    }

    [Fact]
    public async Task When_its_version_is_replaced_the_next_boot_starts_clean_or_stays_on_it_until_a_date()
    {
        var until = _farm.Time.GetUtcNow().AddDays(1);
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Differencing, OldVersionUntil: until));
        var told = new List<string>();
        _farm.Farm.Services.View.VersionReplaced += vDisk =>
            told.AddRange(
                _farm.Farm.View.Current.KeptOnReplaced([Device], vDisk, _farm.Time.GetUtcNow()).Select(k => k.Detail)
            );
        var first = await BootAsync();
        await ReplaceAsync();
        Assert.Equal(
            ["version 2 of debian has replaced version 1, which its write cache stays on until 2026-01-02 00:00"],
            told
        );
        var second = await BootAsync();
        Assert.Equal((first.Cache, first.Image), (second.Cache, second.Image));
        // What it lies on is in use, also while the device is off.
        await _farm.AskAsync(new ReportPhase(_device, second.Epoch, DevicePhase.Off));
        Assert.Equal(
            "debian version 1 is in use by pc07",
            Assert.IsType<Reply.Refused>(await _farm.VDisks.DeleteVersionAsync(Disk, 1, null)).Reason
        );
        _farm.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(
            "version 2 has replaced version 1",
            _farm.Farm.View.Current.NextBootOf(Device, _farm.Time.GetUtcNow())!.Kept!.WhyClean
        );
        var third = await BootAsync();
        Assert.Equal((false, first.Cache, 2), (third.IsCacheKept, third.Retired, Device.Boot!.Version));
    }

    [Fact]
    public async Task Private_image_is_kept_by_its_device_and_refused_to_others_by_name()
    {
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Private));
        var other = await AddAsync("pc08");
        var first = await BootAsync();
        await _farm.StartAgainAsync();
        _farm.Know("one");
        var refused = Assert.IsType<Reply.Refused>(await OpenAsync(_farm.Nonce(other), "one", other));
        Assert.StartsWith("debian is the private image of pc07", refused.Reason, StringComparison.Ordinal);
        var second = await BootAsync();
        Assert.Equal((first.Cache, true), (second.Cache, second.IsCacheKept));
        Assert.Equal(2UL, Disk.Lock!.Epoch.Value);

        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        await _farm.AskAsync(new ReportPhase(_device, second.Epoch, DevicePhase.Off));
        Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(other), "one", other));
        // It was taken by nobody else, so its device has it again.
        Assert.Equal(_device, Disk.Lock.Device);
    }

    [Fact]
    public async Task Device_whose_lock_was_broken_and_taken_does_not_go_on()
    {
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Private));
        var other = await AddAsync("pc08", DiskMode.Private);
        var mine = await BootAsync();
        Assert.IsType<Reply.Refused>(await OpenAsync(_farm.Nonce(other), "one", other));
        Assert.IsType<Reply.Done>(await _farm.VDisks.AskAsync(new UnlockVDisk(_vDisk, "ann")));
        Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(other), "one", other));
        var refused = Assert.IsType<Reply.Refused>(await OpenAsync(mine.Boot, "one"));
        Assert.StartsWith("debian is the private image of pc08", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_image_is_refused_while_others_run_from_it()
    {
        var other = await AddAsync("pc08");
        var running = Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(other), "one", other));
        await AssignAsync(new(_vDisk, BootTransport.San, DiskMode.Private));
        var refused = Assert.IsType<Reply.Refused>(await OpenAsync(_farm.Nonce(_device), "one"));
        Assert.Equal("debian is to be private to pc07, and is in use by pc08", refused.Reason);
        await _farm.AskAsync(new ReportPhase(other, running.Epoch, DevicePhase.Off));
        Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(_device), "one"));
    }

    [Fact]
    public async Task Device_that_was_held_to_be_off_goes_on_only_while_its_version_is_there()
    {
        var boot = await BootAsync();
        await _farm.AskAsync(new ReportPhase(_device, boot.Epoch, DevicePhase.Off));
        await ReplaceAsync();
        Assert.IsType<Reply.Done>(await _farm.VDisks.DeleteVersionAsync(Disk, 1, null));
        var over = Assert.IsType<Reply.Refused>(await OpenAsync(boot.Boot, "one"));
        Assert.Equal(
            (Refusal.NotFound, "pc07: version 1, which it ran from, was deleted: it has to boot"),
            (over.Refusal, over.Reason)
        );
        await BootAsync();
        Assert.Equal(2, Device.Boot!.Version);
    }

    [Fact]
    public async Task Words_that_do_not_go_together_are_refused()
    {
        foreach (
            var wrong in (Assignment[])
                [
                    new(_vDisk, BootTransport.San, DiskMode.Maintenance),
                    new(_vDisk, BootTransport.San, DiskMode.Private, TimeSpan.FromDays(1)),
                    new(_vDisk, BootTransport.San, DiskMode.Differencing, TimeSpan.FromSeconds(1)),
                    new(_vDisk, BootTransport.San, OldVersionUntil: _farm.Time.GetUtcNow()),
                ]
        )
            Assert.Equal(
                Refusal.Invalid,
                Assert.IsType<Reply.Refused>(await _farm.Devices.AssignAsync(_device, wrong)).Refusal
            );
    }

    private DeviceState Device => _farm.Farm.View.Current.Device(_device)!;

    private VDiskState Disk => _farm.Farm.View.Current.VDisk(_vDisk)!;

    private async Task AssignAsync(Assignment assignment) =>
        Assert.IsType<Reply.Done>(await _farm.Devices.AssignAsync(_device, assignment));

    private async Task<DeviceId> AddAsync(string name, DiskMode mode = DiskMode.Standard)
    {
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync(name, [Wire.MacAddress.Parse("52:54:00:77:00:11")]));
        var id = _farm.Farm.View.Current.Device(name)!.Id;
        Assert.IsType<Reply.Done>(await _farm.Devices.AssignAsync(id, new(_vDisk, BootTransport.San, mode)));
        return id;
    }

    private async Task ReplaceAsync()
    {
        var image = new LayerId(Guid.NewGuid());
        await _farm.VDisks.AskAsync(new AddVersion(_vDisk, image, 1 << 20, new string('1', 64), false, null));
        await _farm.VDisks.AskAsync(new PromoteVersion(_vDisk, To: VersionAccess.Production));
    }

    private Task<Reply> OpenAsync(BootId nonce, string server, DeviceId? device = null) =>
        _farm.AskAsync(new OpenSession(device ?? _device, nonce, server));

    /// <summary>A new boot at the server "one", which has its disk then.</summary>
    private async Task<SessionGrant> BootAsync()
    {
        _farm.Know("one");
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        var grant = Assert.IsType<SessionGrant>(await OpenAsync(_farm.Nonce(_device), "one"));
        if (grant.MakesCache)
            Assert.IsType<Reply.Done>(await _farm.AskAsync(new ConfirmSession(_device, grant.Epoch, "one")));
        return grant;
    }
}
