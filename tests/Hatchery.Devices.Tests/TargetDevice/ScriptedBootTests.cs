using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

/// <summary>Something changes exactly between a machine's script, whose kernel it loads, and its login.</summary>
public sealed class ScriptedBootTests : IAsyncLifetime
{
    private const string Overtaken =
        "pc07 has a boot script of something that it may not boot any more: it has to start over";
    private FarmFixture _farm = null!;
    private DeviceId _device;
    private VDiskId _vDisk;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _vDisk) = await _farm.AddDeviceWithVDiskAsync();
        await AssignAsync(new(_vDisk, BootTransport.Nbd));
        _farm.Know("one", "two");
    }

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Promotion_between_script_and_login_leaves_the_boot_the_version_of_its_script(string server)
    {
        var (script, image) = Script();
        await AddAsync();
        await PromoteAsync();
        Assert.NotEqual(image, Script().Image);
        Assert.Equal((image, 1), (Granted(await OpenAsync(script, server)).Image, Device.Boot!.Version));
        // The boot after it has the new one.
        var (next, newer) = Script();
        Assert.Equal((newer, 2), (Granted(await OpenAsync(next, server)).Image, Device.Boot.Version));
    }

    [Fact]
    public async Task Boot_whose_grant_was_lost_begins_again_with_the_version_of_its_script()
    {
        var (script, image) = Script();
        Granted(await OpenAsync(script, "one"));
        await AddAsync();
        await PromoteAsync();
        // No streamer ever said that it has the disk, as its server died.
        Assert.Equal(image, Granted(await OpenAsync(script, "two")).Image);
        Assert.Equal((1, 1), (Device.Boot!.Version, Device.BootCount));
    }

    [Fact]
    public async Task Version_that_was_taken_back_since_is_not_booted_and_the_machine_starts_over()
    {
        await AddAsync();
        await PromoteAsync();
        var (script, _) = Script();
        await DoneAsync(new RevertVersion(_vDisk));
        await OvertakenAsync(script);
        var (again, image) = Script();
        Assert.Equal((image, 1), (Granted(await OpenAsync(again, "one")).Image, Device.Boot!.Version));
    }

    [Fact]
    public async Task Version_that_was_deleted_since_is_not_booted()
    {
        var (script, _) = Script();
        await AddAsync();
        await PromoteAsync();
        await DoneAsync(new DeleteVersion(_vDisk, 1));
        await OvertakenAsync(script);
    }

    [Fact]
    public async Task Another_disk_assigned_since_is_not_given_to_the_kernel_of_the_first()
    {
        var (script, _) = Script();
        var (other, _) = await _farm.VDisks.ReserveAsync("fedora");
        await DoneAsync(new AddVDisk(other, "fedora", new(Guid.NewGuid()), 1 << 20, new('0', 64), true, null));
        await AssignAsync(new(other, BootTransport.Nbd));
        await OvertakenAsync(script);
        Granted(await OpenAsync(Script().Nonce, "one"));
    }

    [Fact]
    public async Task Write_cache_moved_into_the_machine_since_is_not_one_that_its_script_knows_of()
    {
        var (script, _) = Script();
        await AssignAsync(new(_vDisk, BootTransport.Nbd, Cache: CachePlace.Ram));
        await OvertakenAsync(script);
        var (own, _) = Script();
        await AssignAsync(new(_vDisk, BootTransport.Nbd));
        await OvertakenAsync(own);
        // Nor may it hide one that is kept.
        await AssignAsync(new(_vDisk, BootTransport.Nbd, DiskMode.Differencing));
        await BootAsync();
        await AssignAsync(new(_vDisk, BootTransport.Nbd, Cache: CachePlace.Ram));
        (own, _) = Script();
        await AssignAsync(new(_vDisk, BootTransport.Nbd, DiskMode.Differencing));
        await OvertakenAsync(own);
    }

    [Fact]
    public async Task Kept_write_cache_is_gone_on_with_by_a_script_of_its_version_though_that_was_replaced_since()
    {
        await AssignAsync(new(_vDisk, BootTransport.Nbd, DiskMode.Differencing));
        var first = await BootAsync();
        var (script, image) = Script();
        await AddAsync();
        await PromoteAsync();
        var second = Granted(await OpenAsync(script, "one"));
        Assert.Equal((first.Cache, image, true), (second.Cache, second.Image, second.IsCacheKept));
        var third = await BootAsync();
        Assert.Equal((false, 2), (third.IsCacheKept, Device.Boot!.Version));
    }

    [Fact]
    public async Task Kept_write_cache_is_not_given_up_for_a_script_of_another_version()
    {
        await AssignAsync(new(_vDisk, BootTransport.Nbd, DiskMode.Differencing));
        var first = await BootAsync();
        await AddAsync();
        await PromoteAsync();
        var (script, _) = Script();
        await AssignAsync(
            new(_vDisk, BootTransport.Nbd, DiskMode.Differencing, OldVersionUntil: _farm.Time.GetUtcNow().AddDays(1))
        );
        await OvertakenAsync(script);
        Assert.Equal(first.Cache, (await BootAsync()).Cache);
    }

    [Fact]
    public async Task Version_opened_for_writing_since_is_not_written_by_a_script_of_the_one_below()
    {
        await SeesAsync(VersionAccess.Maintenance);
        var (plain, image) = Script();
        await DoneAsync(new OpenMaintenance(_vDisk));
        var booted = Granted(await OpenAsync(plain, "one"));
        Assert.Equal((image, default(int?)), (booted.Image, Device.Boot!.Writes));
        var (writing, _) = Script();
        await DoneAsync(new DeleteVersion(_vDisk, 2));
        await OvertakenAsync(writing);
    }

    [Fact]
    public async Task Version_in_test_is_not_booted_by_a_device_that_does_not_see_it_any_more()
    {
        await AddAsync();
        await DoneAsync(new PromoteVersion(_vDisk, To: VersionAccess.Test));
        await SeesAsync(VersionAccess.Test);
        var (script, image) = Script();
        await AddAsync();
        await DoneAsync(new PromoteVersion(_vDisk, To: VersionAccess.Test));
        Assert.Equal((image, 2), (Granted(await OpenAsync(script, "one")).Image, Device.Boot!.Version));
        await SeesAsync(VersionAccess.Production);
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        await OvertakenAsync(
            _farm.Farm.Services.Nonces.Issue(_device, script, _farm.Time.GetUtcNow(), BootNonce.MarkOf(script))
        );
    }

    [Fact]
    public async Task Firmware_that_boots_from_the_disk_itself_has_its_kernel_from_there_and_gets_what_is_newest()
    {
        await AssignAsync(new(_vDisk, BootTransport.San));
        var (script, image) = Script();
        await AddAsync();
        await PromoteAsync();
        Assert.NotEqual(image, Granted(await OpenAsync(script, "one")).Image);
    }

    private DeviceState Device => _farm.Farm.View.Current.Device(_device)!;

    private static SessionGrant Granted(Reply reply) => Assert.IsType<SessionGrant>(reply);

    private async Task OvertakenAsync(BootId script)
    {
        var refused = Assert.IsType<Reply.Refused>(await OpenAsync(script, "one"));
        Assert.Equal((Refusal.Stale, Overtaken), (refused.Refusal, refused.Reason));
    }

    /// <summary>What the boot services make a script of.</summary>
    private (BootId Nonce, LayerId Image) Script()
    {
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        var now = _farm.Time.GetUtcNow();
        var next = _farm.Farm.View.Current.NextBootOf(Device, now)!;
        return (_farm.Farm.Services.Nonces.Issue(_device, Device.Boot?.Id, now, next.Mark), next.Version.Image);
    }

    private Task<Reply> OpenAsync(BootId nonce, string server) =>
        _farm.AskAsync(new OpenSession(_device, nonce, server));

    private async Task<SessionGrant> BootAsync()
    {
        var grant = Granted(await OpenAsync(Script().Nonce, "one"));
        if (grant.MakesCache)
            Assert.IsType<Reply.Done>(await _farm.AskAsync(new ConfirmSession(_device, grant.Epoch, "one")));
        return grant;
    }

    private Task AddAsync() =>
        DoneAsync(new AddVersion(_vDisk, new(Guid.NewGuid()), 1 << 20, new('1', 64), false, null));

    private Task PromoteAsync() => DoneAsync(new PromoteVersion(_vDisk, To: VersionAccess.Production));

    private async Task SeesAsync(VersionAccess access) =>
        Assert.IsType<Reply.Done>(
            await _farm.Farm.AskAsync(_farm.Farm.Devices, new ChangeDeviceSettings(_device, new(Access: access)))
        );

    private async Task AssignAsync(Assignment assignment) =>
        Assert.IsType<Reply.Done>(await _farm.Devices.AssignAsync(_device, assignment));

    private async Task DoneAsync(IVDiskCommand command)
    {
        var reply = await _farm.VDisks.AskAsync(command);
        Assert.True(reply is Reply.Done, (reply as Reply.Refused)?.Reason);
    }
}
