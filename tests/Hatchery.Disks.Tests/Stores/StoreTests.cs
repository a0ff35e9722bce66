using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

public sealed class StoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LayerId _layer = new(Guid.NewGuid());
    private readonly DeviceId _device = new(Guid.NewGuid());
    private readonly BaseImage _image;
    private Store _store;

    public StoreTests()
    {
        File.WriteAllBytes(_folder["disk"], new byte[1 << 20]);
        _image = BaseImage.Open(_folder["disk"], new(Guid.NewGuid())).Value!;
        _store = Store.Open(_folder["store"]).Value!;
    }

    public void Dispose()
    {
        _image.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_store_serves_one_server_at_a_time()
    {
        Assert.Equal(StoreFaultKind.InUse, Store.Open(_folder["store"]).Fault!.Kind);
        _store.Dispose();
        _store = Store.Open(_folder["store"]).Value!;
        Assert.NotNull(_store);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_fault()
    {
        Assert.NotNull(Store.Open(_folder["disk"] + "/below").Fault);
    }

    [Fact]
    public void What_a_killed_import_left_is_removed()
    {
        Directory.CreateDirectory(_folder["store/tmp/half"]);
        File.WriteAllText(_folder["store/tmp/half/disk.raw"], "half");
        _store.Dispose();
        _store = Store.Open(_folder["store"]).Value!;
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/tmp"]));
    }

    [Fact]
    public async Task Caches_are_listed_with_their_owner_also_after_a_restart()
    {
        await using (var cache = Create())
        {
            var open = Assert.Single(_store.ListCaches());
            Assert.True(open.IsOpen);
        }
        _store.Dispose();
        _store = Store.Open(_folder["store"]).Value!;
        var listed = Assert.Single(_store.ListCaches());
        Assert.Equal(
            (_layer, _device, new Epoch(3), false),
            (listed.Layer, listed.Identity!.Device, listed.Epoch, listed.IsOpen)
        );
        Assert.Equal(_image.Layer, listed.Identity.Parent);
        Assert.Null(listed.Fault);
        Assert.InRange(listed.SizeBytes, 4096, 1 << 20);
    }

    [Fact]
    public async Task A_cache_is_open_once()
    {
        await using (var cache = Create())
        {
            Assert.Equal(StoreFaultKind.InUse, _store.OpenCache(_image, _layer, new(4)).Fault!.Kind);
            Assert.Equal(StoreFaultKind.InUse, _store.DeleteCache(_layer)!.Kind);
            Assert.Equal(StoreFaultKind.InUse, _store.SetCacheAside(_layer)!.Kind);
        }
        await using var again = _store.OpenCache(_image, _layer, new(4)).Value!;
        Assert.Equal(new Epoch(4), again.Epoch);
    }

    [Fact]
    public async Task A_cache_is_not_created_twice_nor_opened_on_another_image()
    {
        await Create().DisposeAsync();
        Assert.Equal(StoreFaultKind.Exists, TryCreate().Fault!.Kind);
        File.WriteAllBytes(_folder["other"], new byte[1 << 20]);
        using var other = BaseImage.Open(_folder["other"], new(Guid.NewGuid())).Value!;
        Assert.Equal(StoreFaultKind.Refused, _store.OpenCache(other, _layer, new(4)).Fault!.Kind);
        Assert.Equal(StoreFaultKind.Missing, _store.OpenCache(_image, new(Guid.NewGuid()), new(4)).Fault!.Kind);
    }

    [Fact]
    public async Task A_cache_set_aside_makes_room_for_a_clean_one_and_is_deleted_later()
    {
        await Create().DisposeAsync();
        Assert.Null(_store.SetCacheAside(_layer));
        Assert.True(Assert.Single(_store.ListCaches()).IsSetAside);
        Assert.Equal(StoreFaultKind.Missing, _store.OpenCache(_image, _layer, new(4)).Fault!.Kind);
        Assert.Null(_store.DeleteCache(_layer));
        Assert.Empty(_store.ListCaches());
        Assert.Null(_store.DeleteCache(_layer));
    }

    [Fact]
    public async Task A_cache_set_aside_is_as_old_as_its_end_not_as_its_last_write()
    {
        await Create().DisposeAsync();
        var threeHoursAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-3);
        var segment = Directory.GetFiles(_folder[$"store/caches/{_layer}"], "*.seg").Single();
        File.SetLastWriteTimeUtc(segment, threeHoursAgo);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(segment)!, threeHoursAgo);
        Assert.InRange(Age(), TimeSpan.FromHours(2), TimeSpan.MaxValue);
        Assert.Null(_store.SetCacheAside(_layer));
        Assert.InRange(Age(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(5));

        TimeSpan Age() => TimeProvider.System.GetUtcNow() - Assert.Single(_store.ListCaches()).ChangedAt;
    }

    [Fact]
    public async Task A_closed_cache_can_be_fenced()
    {
        await Create().DisposeAsync();
        Assert.Null(_store.FenceCache(_layer, new(8)));
        Assert.Equal(StoreFaultKind.Fenced, _store.FenceCache(_layer, new(7))!.Kind);
        Assert.Equal(StoreFaultKind.Fenced, _store.OpenCache(_image, _layer, new(7)).Fault!.Kind);
        await using var cache = _store.OpenCache(_image, _layer, new(8)).Value!;
        Assert.Equal(new Epoch(8), cache.Promised);
    }

    private WriteCache Create() => TryCreate().Value!;

    private StoreOutcome<WriteCache> TryCreate() =>
        _store.CreateCache(_image, new(Guid.NewGuid()), _device, new(Guid.NewGuid()), new(3), _layer);
}
