using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

public sealed class FarmViewTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId s_id = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly string s_entity = PersistenceIds.Of(s_id);
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:77:00:10");
    private static readonly DeviceAdded s_added = new("pc07", [s_mac], null, s_now);

    [Fact]
    public void Device_is_found_by_id_name_and_address()
    {
        var view = new FarmView();
        view.Apply(s_entity, 1, s_added, 7);
        Assert.Equal("pc07", view.Current.Device(s_id)!.Name);
        Assert.Equal(s_id, view.Current.Device("pc07")!.Id);
        Assert.Equal(s_id, view.Current.Device(s_id.ToString())!.Id);
        Assert.Equal(s_id, view.Current.Device(s_mac)!.Id);
        Assert.Equal(7, view.Current.Offset);
    }

    [Fact]
    public void Event_delivered_twice_counts_once()
    {
        var view = new FarmView();
        view.Apply(s_entity, 1, s_added);
        view.Apply(s_entity, 2, new BootStarted(default, default, 1, default, default, new(1), "one", s_now));
        view.Apply(s_entity, 1, s_added, 7);
        view.Apply(s_entity, 2, new BootStarted(default, default, 1, default, default, new(1), "one", s_now), 8);
        Assert.Equal(1, view.Current.Device(s_id)!.BootCount);
        Assert.Equal(8, view.Current.Offset);
    }

    [Fact]
    public void Event_from_the_entity_that_leaves_a_gap_waits_for_the_journal()
    {
        var view = new FarmView();
        view.Apply(s_entity, 2, new PhaseChanged(DevicePhase.Lost, s_now));
        Assert.Equal(0, view.Current.SequenceOf(s_entity));
        view.Apply(s_entity, 1, s_added, 7);
        view.Apply(s_entity, 2, new PhaseChanged(DevicePhase.Lost, s_now), 8);
        Assert.Equal(DevicePhase.Lost, view.Current.Device(s_id)!.Phase);
    }

    [Fact]
    public void Removed_device_is_not_shown()
    {
        var view = new FarmView();
        view.Apply(s_entity, 1, s_added);
        view.Apply(s_entity, 2, new DeviceRemoved(s_now));
        Assert.Null(view.Current.Device(s_id));
        Assert.Null(view.Current.Device(s_mac));
        Assert.Empty(view.Current.Devices);
    }

    [Fact]
    public async Task Who_waits_for_an_event_goes_on_when_it_is_there()
    {
        var view = new FarmView();
        var reached = view.ReachedAsync(s_entity, 1);
        Assert.False(reached.IsCompleted);
        view.Apply(s_entity, 1, s_added);
        await reached;
        await view.ReachedAsync(s_entity, 1);
    }

    [Fact]
    public async Task What_a_vdisk_says_itself_is_in_order_once_the_journals_reader_has_come_to_it()
    {
        using var folder = new TempFolder();
        var view = new FarmView();
        var vDisk = PersistenceIds.Of(new VDiskId(s_id.Value));
        view.Apply(vDisk, 1, new VDiskCreated("debian", s_now));
        view.Apply(vDisk, 2, new VDiskRemoved(s_now));
        var read = view.ReadAsync(vDisk, 2);
        Assert.False(view.Current.IsInOrder);
        view.Apply(vDisk, 1, new VDiskCreated("debian", s_now), 8);
        Assert.False(view.Current.IsInOrder);
        Assert.False(read.IsCompleted);

        view.Save(folder["view.json"]);
        var loaded = new FarmView();
        Assert.True(loaded.TryLoad(folder["view.json"]));
        Assert.False(loaded.Current.IsInOrder);

        view.Apply(vDisk, 2, new VDiskRemoved(s_now), 9);
        await read;
        Assert.True(view.Current.IsInOrder);
        view.Apply(s_entity, 1, s_added);
        Assert.True(view.Current.IsInOrder);
    }

    [Fact]
    public void Checkpoint_brings_everything_back()
    {
        using var folder = new TempFolder();
        var view = new FarmView();
        view.Apply(s_entity, 1, s_added, 7);
        view.Apply(PersistenceIds.Of(new VDiskId(s_id.Value)), 1, new VDiskCreated("debian", s_now), 8);
        view.Save(folder["view.json"]);

        var loaded = new FarmView();
        Assert.True(loaded.TryLoad(folder["view.json"]));
        Assert.Equal(8, loaded.Current.Offset);
        Assert.Equal("pc07", loaded.Current.Device(s_mac)!.Name);
        Assert.Equal("debian", loaded.Current.VDisk("debian")!.Name);
        Assert.Equal(1, loaded.Current.SequenceOf(s_entity));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"offset\":")]
    [InlineData("null")]
    [InlineData("""{"offset":1,"devices":[{"isKnown":true}],"vDisks":[],"sequences":{}}""")]
    public void Unreadable_checkpoint_is_as_none(string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["view.json"], content);
        var view = new FarmView();
        Assert.False(view.TryLoad(folder["view.json"]));
        Assert.Equal(0, view.Current.Offset);
    }
}
