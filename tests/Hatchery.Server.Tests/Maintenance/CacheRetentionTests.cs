using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Server.Tests;

public sealed class CacheRetentionTests : IAsyncLifetime
{
    private static readonly TimeSpan s_keep = TimeSpan.FromMinutes(15);

    private readonly TempFolder _folder = new();
    private readonly TestDatabase _database = new();
    private readonly ManualTime _time = new();
    private readonly FarmView _view = new();
    private readonly DeviceId _device = new(Guid.NewGuid());
    private Store _store = null!;
    private BaseImage _image = null!;
    private SessionTable _sessions = null!;
    private CacheRetention _retention = null!;

    public async Task InitializeAsync()
    {
        File.WriteAllBytes(_folder["disk"], new byte[1 << 20]);
        _image = BaseImage.Open(_folder["disk"], new(Guid.NewGuid())).Value!;
        _store = Store.Open(_folder["store"]).Value!;
        var database = _database.Open();
        await database.OpenAsync();
        _sessions = new(database);
        _retention = new("one", _store, _sessions, _view, s_keep, _time, NullLogger<CacheRetention>.Instance);
        _time.Advance(TimeProvider.System.GetUtcNow() - _time.GetUtcNow());
    }

    public async Task DisposeAsync()
    {
        await _retention.DisposeAsync();
        _image.Dispose();
        _store.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Cache_of_a_boot_that_is_over_is_kept_for_a_while_from_its_end_on_however_old_its_last_write_is()
    {
        var cache = await MakeAsync();
        foreach (var file in Directory.GetFiles(_folder[$"store/caches/{cache}"]))
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-3));
        await _retention.SweepAsync();
        Assert.True(Assert.Single(_store.ListCaches()).IsSetAside);
        _time.Advance(s_keep - TimeSpan.FromMinutes(1));
        await _retention.SweepAsync();
        Assert.Single(_store.ListCaches());
        _time.Advance(TimeSpan.FromMinutes(2));
        await _retention.SweepAsync();
        Assert.Empty(_store.ListCaches());
    }

    [Fact]
    public async Task Cache_that_a_session_row_names_stays_as_it_is()
    {
        var cache = await MakeAsync();
        await _sessions.SwapAsync(
            new(_device, 0, new(1), SessionPhase.Booting, new(Guid.NewGuid()), "one", ["one"], [_image.Layer, cache])
        );
        await SweepTwiceAsync();
        Assert.False(Assert.Single(_store.ListCaches()).IsSetAside);
    }

    [Fact]
    public async Task Copy_of_a_session_of_which_this_server_is_no_member_any_more_is_left_for_a_while_and_then_goes()
    {
        var cache = await MakeAsync();
        await _sessions.SwapAsync(
            new(_device, 0, new(2), SessionPhase.Open, new(Guid.NewGuid()), "two", ["two"], [_image.Layer, cache])
        );
        _view.Apply(PersistenceIds.Of(_device), 1, new DeviceAdded("pc07", [], null, _time.GetUtcNow()));
        _view.Apply(
            PersistenceIds.Of(_device),
            2,
            new BootStarted(
                new(Guid.NewGuid()),
                new(Guid.NewGuid()),
                1,
                _image.Layer,
                cache,
                new(1),
                "one",
                _time.GetUtcNow()
            )
        );
        await _retention.SweepAsync();
        Assert.False(Assert.Single(_store.ListCaches()).IsSetAside);
        _time.Advance(s_keep * 2);
        await _retention.SweepAsync();
        Assert.True(Assert.Single(_store.ListCaches()).IsSetAside);
        _time.Advance(s_keep * 2);
        await _retention.SweepAsync();
        Assert.Empty(_store.ListCaches());
    }

    [Fact]
    public async Task Cache_that_the_journal_still_names_stays_when_the_row_is_ahead()
    {
        var cache = await MakeAsync();
        var now = _time.GetUtcNow();
        _view.Apply(PersistenceIds.Of(_device), 1, new DeviceAdded("pc07", [], null, now));
        var boot = new BootStarted(
            new(Guid.NewGuid()),
            new(Guid.NewGuid()),
            1,
            _image.Layer,
            cache,
            new(1),
            "one",
            now
        );
        _view.Apply(PersistenceIds.Of(_device), 2, boot);
        await _sessions.SwapAsync(
            new(
                _device,
                0,
                new(2),
                SessionPhase.Booting,
                new(Guid.NewGuid()),
                "one",
                ["one"],
                [_image.Layer, new(Guid.NewGuid())]
            )
        );
        await SweepTwiceAsync();
        Assert.False(Assert.Single(_store.ListCaches()).IsSetAside);
    }

    [Fact]
    public async Task What_was_written_of_a_version_goes_when_that_is_closed_and_its_device_off_and_not_before()
    {
        var (cache, now, disk, boot) = (
            await MakeAsync(),
            _time.GetUtcNow(),
            new VDiskId(Guid.NewGuid()),
            new BootId(Guid.NewGuid())
        );
        await _sessions.SwapAsync(
            new(_device, 0, new(1), SessionPhase.Open, boot, "one", ["one"], [_image.Layer, cache])
        );
        _view.Apply(PersistenceIds.Of(disk), 1, new VDiskCreated("debian", now));
        _view.Apply(PersistenceIds.Of(disk), 2, new VersionAdded(1, _image.Layer, 1 << 20, "ab", false, null, now));
        _view.Apply(PersistenceIds.Of(disk), 3, new MaintenanceOpened(2, 1, null, null, now));
        _view.Apply(PersistenceIds.Of(_device), 1, new DeviceAdded("pc07", [], null, now));
        _view.Apply(
            PersistenceIds.Of(_device),
            2,
            new BootStarted(boot, disk, 1, _image.Layer, cache, new(1), "one", now, DiskMode.Maintenance, Writes: 2)
        );
        _view.Apply(PersistenceIds.Of(_device), 3, new PhaseChanged(DevicePhase.Off, now));
        _view.Apply(PersistenceIds.Of(disk), 4, new MakingBegun(new(2, 1, 1, _device, VersionAccess.Maintenance, now)));
        await SweepTwiceAsync();
        Assert.False(Assert.Single(_store.ListCaches()).IsSetAside);
        _view.Apply(
            PersistenceIds.Of(disk),
            5,
            new VersionCreated(2, new(Guid.NewGuid()), 1 << 20, "cd", false, null, 1, null, null, now)
        );
        await SweepTwiceAsync();
        Assert.Empty(_store.ListCaches());
    }

    [Fact]
    public async Task Cache_that_is_open_stays_even_if_no_one_names_it()
    {
        await using var cache = Create(new(Guid.NewGuid()));
        await SweepTwiceAsync();
        Assert.True(Assert.Single(_store.ListCaches()).IsOpen);
    }

    private async Task SweepTwiceAsync()
    {
        await _retention.SweepAsync();
        _time.Advance(s_keep * 2);
        await _retention.SweepAsync();
    }

    private async Task<LayerId> MakeAsync()
    {
        var layer = new LayerId(Guid.NewGuid());
        await Create(layer).DisposeAsync();
        return layer;
    }

    private WriteCache Create(LayerId layer) =>
        _store.CreateCache(_image, new(Guid.NewGuid()), _device, new(Guid.NewGuid()), new(1), layer).Value!;
}
