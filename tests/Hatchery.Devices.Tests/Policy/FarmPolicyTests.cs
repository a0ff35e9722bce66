using System.Collections.Concurrent;
using Hatchery.Disks;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices.Tests;

public sealed class FarmPolicyTests : IAsyncLifetime
{
    private static readonly DhcpOptions s_ntp = DhcpOptions.None.With(42, [10, 77, 0, 1]);
    private FarmFixture _farm = null!;

    public async Task InitializeAsync() => _farm = await FarmFixture.StartAsync();

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    private PolicyAdministration Policy => new(_farm.Farm);

    private FarmSnapshot View => _farm.Farm.View.Current;

    private DeviceState Device(string name) =>
        View.Device(name) ?? throw new Xunit.Sdk.XunitException($"no device {name}");

    private async Task<Collection> CreateAsync(string name, CollectionChange? change = null)
    {
        Assert.IsType<Reply.Done>(await Policy.CreateCollectionAsync(name, default, change ?? new()));
        return View.Policy.Collection(name)!;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Policy_is_there_again_after_a_restart_from_checkpoint_and_journal(bool hasCheckpoint)
    {
        var lab = await CreateAsync("lab", new(DevicesMax: 7, Settings: new("quiet", s_ntp)));
        await Policy.CreateSiteAsync("prague");
        await Policy.AskAsync(new AddUnknownRule(new("all", new(), lab.Id)));
        await _farm.StopAsync();
        File.Delete(_farm.CheckpointPath);
        if (hasCheckpoint)
            _farm.Farm.Services.View.Save(_farm.CheckpointPath);
        await _farm.StartAgainAsync();
        Assert.Equal(lab, View.Policy.Collection("lab"));
        Assert.Equal("all", Assert.Single(View.Policy.Rules).Name);
        Assert.NotNull(View.Policy.Site("prague"));
        // The entity itself as well, not only the view.
        Assert.IsType<Reply.Refused>(await Policy.AskAsync(new RemoveCollection(lab.Id)));
    }

    [Fact]
    public async Task Device_has_its_collections_settings_unless_it_has_its_own()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        var other = new VDiskId(Guid.NewGuid());
        var lab = await CreateAsync(
            "lab",
            new(Assignment: new(other, BootTransport.Nbd), Settings: new("quiet", s_ntp.With(26, [5, 120])))
        );
        Assert.IsType<Reply.Done>(await _farm.Devices.MoveAsync(device, lab.Id));
        Assert.Equal(new(vDisk, BootTransport.San), View.AssignmentOf(Device("pc07")));
        await _farm.Devices.UnassignAsync(device);
        Assert.Equal(new(other, BootTransport.Nbd), View.AssignmentOf(Device("pc07")));

        Assert.Equal("quiet", View.KernelArgumentsOf(Device("pc07")));
        await _farm.Devices.ChangeAsync(device, new("loud", DhcpOptions.None.With(42, [10, 77, 0, 2])));
        Assert.Equal("loud", View.KernelArgumentsOf(Device("pc07")));
        Assert.Equal("26=0578 42=0a4d0002", View.OptionsOf(Device("pc07")).ToString());
        await _farm.Devices.ChangeAsync(device, new("", Without: [42]));
        Assert.Equal("quiet", View.KernelArgumentsOf(Device("pc07")));
        Assert.Equal("26=0578 42=0a4d0001", View.OptionsOf(Device("pc07")).ToString());
        Assert.Null(Device("pc07").Settings);
    }

    [Fact]
    public async Task Write_cache_limit_is_the_devices_or_its_collections_and_each_change_is_told_when_the_view_has_it()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var told = new ConcurrentQueue<(DeviceId? Device, long? Bytes)>();
        _farm.Farm.Services.View.SettingsChanged += changed =>
            told.Enqueue((changed, View.WriteCacheLimitOf(View.Device(device)!)));
        var lab = await CreateAsync("lab");
        await Policy.AskAsync(new ChangeCollection(lab.Id, new(Settings: new(WriteCacheLimitBytes: 8L << 30))));
        await _farm.Devices.MoveAsync(device, lab.Id);
        await _farm.Devices.ChangeAsync(device, new(WriteCacheLimitBytes: 0));
        await _farm.Devices.ChangeAsync(device, new(WithoutWriteCacheLimit: true));
        await Policy.AskAsync(new ChangeCollection(lab.Id, new(Settings: new(WithoutWriteCacheLimit: true))));
        Assert.Equal([(null, null), (device, 8L << 30), (device, 0), (device, 8L << 30), (null, null)], told.ToArray());
        Assert.Null(Device("pc07").Settings);
    }

    [Fact]
    public async Task Device_without_a_vDisk_of_its_own_boots_its_collections()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        await _farm.Devices.UnassignAsync(device);
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one")));
        await Policy.AskAsync(new ChangeCollection(default, new(Assignment: new(vDisk, BootTransport.Iscsi))));
        var grant = Assert.IsType<SessionGrant>(
            await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"))
        );
        Assert.Equal(BootTransport.Iscsi, grant.Transport);
        Assert.Equal(
            "debian is what collection default boots; in use by pc07",
            Assert.IsType<Reply.Refused>(await _farm.VDisks.RemoveAsync(View.VDisk(vDisk)!)).Reason
        );
    }

    [Fact]
    public async Task Collection_is_removed_when_no_device_is_in_it()
    {
        var lab = await CreateAsync("lab");
        await _farm.Devices.AddAsync("pc07", FarmFixture.Macs, null, lab.Id);
        Assert.Equal(
            "lab has 1 device(s): pc07",
            Assert.IsType<Reply.Refused>(await Policy.RemoveCollectionAsync(lab)).Reason
        );
        await _farm.Devices.MoveAsync(Device("pc07").Id, default);
        Assert.IsType<Reply.Done>(await Policy.RemoveCollectionAsync(lab));
    }

    [Fact]
    public async Task Device_whose_collection_is_gone_is_in_the_default_one()
    {
        await _farm.Devices.AddAsync("pc07", FarmFixture.Macs, null, new(Guid.NewGuid()));
        Assert.Equal("default", View.CollectionOf(Device("pc07")).Name);
    }

    [Fact]
    public async Task Adding_a_device_again_into_another_collection_is_a_conflict()
    {
        var lab = await CreateAsync("lab");
        await _farm.Devices.AddAsync("pc07", FarmFixture.Macs, null, lab.Id);
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc07", FarmFixture.Macs));
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc07", FarmFixture.Macs, null, lab.Id));
        Assert.IsType<Reply.Refused>(
            await _farm.Devices.AddAsync("pc07", FarmFixture.Macs, null, default(CollectionId))
        );
    }

    [Fact]
    public async Task Unknown_machine_that_is_added_many_times_at_once_is_one_device()
    {
        var lab = await CreateAsync("lab", new(NameTemplate: "{collection}-{n}"));
        var replies = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _farm.Devices.AddUnknownAsync(FarmFixture.Macs[0], null, lab, "all"))
        );
        Assert.All(replies, reply => Assert.IsType<Reply.Done>(reply));
        var device = Assert.Single(View.Devices);
        Assert.Equal(("lab-1", lab.Id, "all"), (device.Name, device.Collection, device.Rule));
        Assert.Equal<MacAddress>([.. FarmFixture.Macs], [.. device.Macs]);
        // No name stays claimed by a device that has another one.
        var next = await _farm.Devices.AddUnknownAsync(MacAddress.Parse("52:54:00:77:00:11"), null, lab, "all");
        Assert.IsType<Reply.Done>(next);
        Assert.Equal(["lab-1", "lab-2"], View.Devices.Select(d => d.Name));
    }

    [Fact]
    public async Task Machines_added_at_once_get_the_lowest_numbers_that_are_free()
    {
        var lab = await CreateAsync("lab", new(NameTemplate: "pc-{n}"));
        await _farm.Devices.AddAsync("pc-2", FarmFixture.Macs);
        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(i => _farm.Devices.AddUnknownAsync(new MacAddress(0x525400001000 + (ulong)i), null, lab, "all"))
        );
        Assert.Equal(["pc-1", "pc-2", "pc-3", "pc-4", "pc-5", "pc-6", "pc-7"], View.Devices.Select(d => d.Name));
    }

    [Fact]
    public async Task Machine_whose_adding_was_cut_short_is_added_by_its_next_request()
    {
        var lab = await CreateAsync("lab", new(NameTemplate: "pc-{n}"));
        var owner = Guid.NewGuid().ToString("N");
        await _farm.Farm.Claims.ClaimAsync(ClaimKind.DeviceMac, FarmFixture.Macs[0].ToString(), owner);
        await _farm.Farm.Claims.ClaimAsync(ClaimKind.DeviceName, "pc-9", owner);
        await _farm.Devices.AddUnknownAsync(FarmFixture.Macs[0], null, lab, "all");
        Assert.Equal(("pc-9", owner), (Device("pc-9").Name, Device("pc-9").Id.ToString()));
    }

    [Fact]
    public async Task Machine_is_not_added_under_a_name_that_is_taken()
    {
        var lab = await CreateAsync("lab", new(NameTemplate: "{mac}"));
        await _farm.Devices.AddAsync("52-54-00-00-00-99", FarmFixture.Macs);
        var mac = MacAddress.Parse("52:54:00:00:00:99");
        Assert.Equal(
            "no name is free by the template '{mac}' of collection lab",
            Assert.IsType<Reply.Refused>(await _farm.Devices.AddUnknownAsync(mac, null, lab, "all")).Reason
        );
        // The address is free again.
        Assert.IsType<Reply.Done>(await _farm.Devices.AddAsync("pc99", [mac]));
    }

    [Fact]
    public async Task Machine_that_was_removed_may_come_again()
    {
        var lab = await CreateAsync("lab");
        await _farm.Devices.AddUnknownAsync(FarmFixture.Macs[0], null, lab, "all");
        var name = Assert.Single(View.Devices).Name;
        await _farm.Devices.RemoveAsync(Device(name), force: false);
        Assert.IsType<Reply.Done>(await _farm.Devices.AddUnknownAsync(FarmFixture.Macs[0], null, lab, "all"));
        Assert.Equal("52-54-00-77-00-10", Assert.Single(View.Devices).Name);
    }
}
