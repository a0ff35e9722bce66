using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Operations.Tests;

public sealed class DiskModeCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;
    private DeviceId _device;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        (_device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Differencing_image_is_shown_with_what_is_kept_and_why_not()
    {
        await _rig.RunAsync("device", "assign", "pc07", "debian", "--mode", "differencing", "--keep", "12h");
        await BootAsync();
        var shown = await _rig.RunAsync("device", "show", "pc07");
        Assert.Contains("debian by san, differencing for 12 h, its own", shown, StringComparison.Ordinal);
        Assert.Contains(
            "its write cache of version 1, since 2026-01-01 00:00:01.000, until 2026-01-01 12:00:01.000",
            shown,
            StringComparison.Ordinal
        );
        _rig.Farm.Time.Advance(TimeSpan.FromHours(13));
        Assert.Contains(
            "the next boot starts clean: it was kept since 2026-01-01 00:00",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "it was kept since 2026-01-01 00:00, which is as long as it is to be",
            (await _rig.JsonAsync("device", "show", "pc07")).GetProperty("kept").GetProperty("whyClean").GetString()
        );
    }

    [Fact]
    public async Task Collection_has_a_mode_which_changes_by_itself_and_ends_with_what_goes_with_it()
    {
        await _rig.RunAsync(
            "collection",
            "set",
            "default",
            "--vdisk",
            "debian",
            "--mode",
            "differencing",
            "--keep",
            "30d"
        );
        await _rig.RunAsync("device", "unassign", "pc07");
        await _rig.RunAsync("collection", "set", "default", "--keep", "10d");
        Assert.Equal((DiskMode.Differencing, TimeSpan.FromDays(10)), (Effective.Mode, Effective.KeepFor));
        Assert.Contains(
            "debian by san, differencing for 10 d",
            await _rig.RunAsync("collection", "show", "default"),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("collection", "set", "default", "--mode", "standard");
        Assert.Equal((DiskMode.Standard, null), (Effective.Mode, Effective.KeepFor));
    }

    [Fact]
    public async Task Write_cache_of_the_machine_itself_is_set_for_collections_and_devices_and_shown_as_the_machine_says()
    {
        var (vDisk, _) = await _rig.Farm.VDisks.ReserveAsync("small");
        await _rig.Farm.VDisks.AskAsync(
            new AddVDisk(vDisk, "small", new(Guid.NewGuid()), 1 << 20, new string('1', 64), HasKernel: true, null)
        );
        await _rig.RunAsync("device", "unassign", "pc07");
        await SetAsync("--vdisk", "small", "-t", "nbd", "--cache", "ram", "--cache-ram", "1G");
        Assert.Equal((CachePlace.Ram, 1L << 30), (Effective.Cache, Effective.CacheRamBytes));
        Assert.Contains(
            "small by nbd, write cache in the machine (ram, 1.0 GiB of its memory)",
            await _rig.RunAsync("collection", "show", "default"),
            StringComparison.Ordinal
        );
        await SetAsync("--cache", "disk");
        Assert.Equal((CachePlace.Disk, null), (Effective.Cache, Effective.CacheRamBytes));
        await BootAsync();
        var device = _rig.Farm.Farm.View.Current.Device(_device)!;
        var report = new OwnCacheReport(
            CachePlace.Ram,
            CachePlace.Disk,
            OwnCacheFallback.DiskTooSmall,
            64 << 20,
            60 << 20,
            IsOver: false
        );
        Assert.True(_rig.OwnCaches.TryTake(device, device.Boot!.Id, report));
        var shown = await _rig.RunAsync("device", "show", "pc07");
        Assert.Contains(
            "warning: in the machine (ram), holds 60.0 MiB of 64.0 MiB, said",
            shown,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "; disk was wanted: its partition hatchery-cache is smaller than 16 MiB",
            shown,
            StringComparison.Ordinal
        );
        // Another boot has said nothing yet.
        await BootAsync();
        Assert.DoesNotContain(
            "in the machine (ram)",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "--cache takes server, ram, ram-disk, disk",
            await _rig.FailAsync("collection", "set", "default", "--cache", "floppy"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is for the mode standard",
            await _rig.FailAsync("collection", "set", "default", "--mode", "differencing", "--cache", "disk"),
            StringComparison.Ordinal
        );
        await SetAsync("--mode", "differencing");
        Assert.Equal(CachePlace.Server, Effective.Cache);
    }

    [Fact]
    public async Task Private_image_names_its_device_and_its_lock_is_broken_by_an_operator()
    {
        Assert.Equal("vDisk debian is nobody's private image now", await _rig.FailAsync("vdisk", "unlock", "debian"));
        await _rig.RunAsync("device", "assign", "pc07", "debian", "--mode", "private");
        await BootAsync();
        Assert.Contains(
            "to pc07 since 2026-01-01 00:00:01.000, epoch 1",
            await _rig.RunAsync("vdisk", "show", "debian"),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("device", "add", "pc08", "52:54:00:77:00:11");
        Assert.Equal("debian is the private image of pc07", await _rig.FailAsync("device", "assign", "pc08", "debian"));
        Assert.Equal(
            "vDisk debian: the lock of pc07 is broken",
            await _rig.RunAsync("vdisk", "unlock", "debian", "--by", "ann")
        );
        Assert.False(_rig.Farm.Farm.View.Current.VDisk("debian")!.Lock!.IsHeld);
    }

    [Theory]
    [InlineData("--mode takes standard, differencing, private, not 'x'", "device assign pc07 debian --mode x")]
    [InlineData("'soon' is no duration", "device assign pc07 debian --mode differencing --keep soon")]
    [InlineData("'soon' is no time", "device assign pc07 debian --mode differencing --old-version-until soon")]
    [InlineData("how long a write cache is kept", "device assign pc07 debian --keep 1d")]
    [InlineData("debian is assigned to pc07 too", "collection create lab --vdisk debian --mode private")]
    [InlineData("--keep needs a vDisk", "collection create lab --keep 1d")]
    public async Task Wrong_words_are_explained(string begins, string words) =>
        Assert.StartsWith(begins, await _rig.FailAsync(words.Split(' ')), StringComparison.Ordinal);

    [Fact]
    public async Task Collection_has_no_private_image()
    {
        await _rig.RunAsync("device", "unassign", "pc07");
        Assert.Equal(
            "a private image is for one device, not for a collection",
            await _rig.FailAsync("collection", "create", "lab", "--vdisk", "debian", "--mode", "private")
        );
    }

    private Task<string> SetAsync(params string[] words) => _rig.RunAsync(["collection", "set", "default", .. words]);

    private Assignment Effective
    {
        get
        {
            var farm = _rig.Farm.Farm.View.Current;
            return farm.AssignmentOf(farm.Device(_device)!)!;
        }
    }

    private async Task BootAsync()
    {
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<SessionGrant>(
            await _rig.Farm.AskAsync(new OpenSession(_device, _rig.Farm.Nonce(_device), "here"))
        );
    }
}
