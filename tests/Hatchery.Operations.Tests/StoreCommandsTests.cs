using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Operations.Tests;

public sealed class StoreCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_store_is_shown_with_its_bounds_and_the_write_caches_in_it()
    {
        await using var cache = await BootAsync();
        var store = await _rig.JsonAsync("store", "show");
        Assert.Equal(
            [
                "folder",
                "state",
                "freeBytes",
                "reserveBytes",
                "writeCachesBytes",
                "writeCachesMaxBytes",
                "openFiles",
                "openFilesMax",
                "indexMemoryBytes",
                "indexMemoryMaxBytes",
                "writeCaches",
                "loss",
            ],
            store.EnumerateObject().Select(p => p.Name)
        );
        var shown = store.GetProperty("writeCaches")[0];
        Assert.Equal(
            ("pc07", "open", 8192, 1 << 20, "ok"),
            (
                shown.GetProperty("device").GetString(),
                shown.GetProperty("state").GetString(),
                shown.GetProperty("liveBytes").GetInt32(),
                shown.GetProperty("limitBytes").GetInt32(),
                shown.GetProperty("level").GetString()
            )
        );
        var lines = (await _rig.RunAsync("store", "show")).Split('\n');
        Assert.Contains(lines, l => l.StartsWith("write caches  0.0 MiB", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("pc07    open   ok     0.0 MiB of 1.0 MiB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_store_is_shown_with_the_reason()
    {
        Directory.Move(_rig.Store.RootPath, _rig.Store.RootPath + "-away");
        _rig.Store.LookAtDisk();
        var lines = (await _rig.RunAsync("store", "show")).Split('\n');
        Assert.Contains(
            "state         lost: the store is lost (its folder is not there any more); nothing of it is used until it takes writes again",
            lines
        );
        Directory.Move(_rig.Store.RootPath + "-away", _rig.Store.RootPath);
        _rig.Store.LookAtDisk();
        Assert.Equal("ok", (await _rig.JsonAsync("store", "show")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_device_is_shown_with_what_its_write_cache_holds_of_its_limit()
    {
        await using var cache = await BootAsync();
        var shown = (await _rig.JsonAsync("device", "show", "pc07")).GetProperty("writeCache");
        Assert.Equal(
            (8192, 1 << 20),
            (shown.GetProperty("liveBytes").GetInt32(), shown.GetProperty("limitBytes").GetInt32())
        );
        Assert.Contains(
            "write cache  ok: holds 0.0 MiB of 1.0 MiB",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
    }

    private async Task<WriteCache> BootAsync()
    {
        var (id, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.Farm.AskAsync(new OpenSession(id, _rig.Farm.Nonce(id), "one"));
        var device = _rig.Farm.Farm.View.Current.Device(id)!;
        await File.WriteAllBytesAsync(_rig.Folder["disk"], new byte[1 << 20]);
        var image = BaseImage.Open(_rig.Folder["disk"], new(Guid.NewGuid())).Value!;
        var cache = _rig.Store.CreateCache(
            image,
            default,
            device.Id,
            default,
            new(1),
            device.Boot!.Cache,
            new() { LimitBytes = 1 << 20 }
        );
        Assert.Equal(DiskStatus.Ok, await cache.Value!.WriteAsync(0, new byte[8192], CancellationToken.None));
        return cache.Value;
    }
}
