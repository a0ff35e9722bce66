using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

public sealed class AdministrationTests : IAsyncLifetime
{
    private static readonly MacAddress s_other = MacAddress.Parse("52:54:00:77:00:11");
    private FarmFixture _farm = null!;

    public async Task InitializeAsync() => _farm = await FarmFixture.StartAsync();

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task Device_that_was_added_is_shown_at_once()
    {
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc07", FarmFixture.Macs));
        Assert.Equal("pc07", _farm.Farm.View.Current.Device(FarmFixture.Macs[0])!.Name);
    }

    [Fact]
    public async Task Adding_it_again_is_no_error_and_makes_no_second_one()
    {
        await _farm.Devices.AddAsync("pc07", FarmFixture.Macs);
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc07", FarmFixture.Macs));
        Assert.Single(_farm.Farm.View.Current.Devices);
    }

    [Fact]
    public async Task Address_of_another_device_is_refused_and_the_name_stays_free()
    {
        await _farm.Devices.AddAsync("pc07", FarmFixture.Macs);
        var refused = Assert.IsType<Reply.Refused>(
            await _farm.Devices.AddAsync("pc08", [s_other, .. FarmFixture.Macs])
        );
        Assert.Contains("pc07", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc08", [s_other]));
    }

    [Fact]
    public async Task Removed_device_gives_its_name_and_address_back()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        Assert.IsType<Reply.Done>(
            await _farm.Devices.RemoveAsync(_farm.Farm.View.Current.Device(device)!, force: false)
        );
        Assert.Null(_farm.Farm.View.Current.Device("pc07"));
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc07", FarmFixture.Macs));
        Assert.NotEqual(device, _farm.Farm.View.Current.Device("pc07")!.Id);
    }

    [Fact]
    public async Task Removed_device_gives_back_every_vdisk_also_one_that_it_never_got_to_boot_from()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        await _farm.Farm.AskAsync(_farm.Farm.VDisks, new TakeVersion(vDisk, device));
        await _farm.Farm.View.ReachedAsync(PersistenceIds.Of(vDisk), 3);
        await _farm.Devices.RemoveAsync(_farm.Farm.View.Current.Device(device)!, force: false);
        Assert.IsType<Reply.Done>(await _farm.VDisks.RemoveAsync(_farm.Farm.View.Current.VDisk(vDisk)!));
    }

    [Fact]
    public async Task Assigned_vdisk_is_not_removed()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        var refused = Assert.IsType<Reply.Refused>(
            await _farm.VDisks.RemoveAsync(_farm.Farm.View.Current.VDisk(vDisk)!)
        );
        Assert.Contains("pc07", refused.Reason, StringComparison.Ordinal);
        await _farm.Devices.UnassignAsync(device);
        Assert.IsType<Reply.Done>(await _farm.VDisks.RemoveAsync(_farm.Farm.View.Current.VDisk(vDisk)!));
        Assert.Null((await _farm.VDisks.ReserveAsync("debian")).Refused);
    }

    [Fact]
    public async Task Name_of_a_vdisk_that_is_there_is_not_reserved_again()
    {
        await _farm.AddDeviceWithVDiskAsync();
        Assert.Equal(Refusal.Conflict, (await _farm.VDisks.ReserveAsync("debian")).Refused!.Refusal);
    }
}
