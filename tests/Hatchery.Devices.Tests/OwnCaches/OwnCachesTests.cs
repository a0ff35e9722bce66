using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class OwnCachesTests : IAsyncLifetime
{
    private static readonly OwnCacheReport s_report = new(
        CachePlace.Ram,
        CachePlace.Ram,
        OwnCacheFallback.None,
        100 << 20,
        0,
        IsOver: false
    );

    private readonly List<TimelineStep> _steps = [];
    private readonly ManualTime _time = new();
    private FarmFixture _farm = null!;
    private DeviceState _device = null!;
    private OwnCaches _caches = null!;
    private Hatchery.Disks.BootId _boot;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        (_device, _boot) = (_farm.Farm.View.Current.Device(device)!, _farm.Nonce(device));
        _caches = new("one", _farm.Farm.View, _steps.Add, _time, NullLogger<OwnCaches>.Instance);
    }

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public void Where_it_is_and_how_full_are_said_once_each_and_the_last_is_kept()
    {
        Assert.True(Take(s_report));
        Assert.True(Take(s_report with { UsedBytes = 79 << 20 }));
        Assert.True(Take(s_report with { UsedBytes = 80 << 20 }));
        Assert.True(Take(s_report with { UsedBytes = 90 << 20 }));
        Assert.Equal(90 << 20, _caches.Of(_device.Id)!.Report.UsedBytes);
        Assert.True(Take(s_report with { UsedBytes = 100 << 20, IsOver = true }));
        Assert.Equal([BootSteps.CachePlaced, BootSteps.CacheFilling, BootSteps.CacheFull], _steps.Select(s => s.Step));
        Assert.Equal("its write cache is in the machine, ram, 100 MiB", _steps[0].Detail);
    }

    [Fact]
    public void Fallback_is_said_with_its_reason_and_again_at_the_next_boot()
    {
        var elsewhere = s_report with { Wanted = CachePlace.Disk, Fallback = OwnCacheFallback.NoDisk };
        Assert.True(Take(elsewhere));
        Assert.True(Take(elsewhere));
        Assert.Equal(
            (
                BootSteps.CacheElsewhere,
                "its write cache is in the machine, ram, 100 MiB, where disk was wanted: the machine has no partition named hatchery-cache"
            ),
            (Assert.Single(_steps).Step, _steps[0].Detail)
        );
        var old = _boot;
        _boot = _farm.Farm.Services.Nonces.Issue(_device.Id, _boot, _time.GetUtcNow());
        Assert.True(Take(elsewhere));
        Assert.Equal(2, _steps.Count);
        _boot = old;
        Assert.False(Take(elsewhere));
    }

    [Fact]
    public void Machine_that_says_too_much_is_not_listened_to()
    {
        Assert.True(Take(s_report));
        Assert.False(_caches.TryTake(_device, _boot, s_report with { IsOver = true }));
        Assert.Single(_steps);
    }

    [Fact]
    public async Task Machine_with_little_room_is_known_until_it_has_room_or_boots_again()
    {
        Assert.True(Take(s_report with { UsedBytes = 90 << 20 }));
        Assert.Empty(_caches.Low);
        await OpenAsync();
        Assert.Equal(("pc07", 90 << 20), Assert.Single(_caches.Low.Select(l => (l.Device, (int)l.Report.UsedBytes))));
        Assert.True(Take(s_report with { UsedBytes = 10 << 20 }));
        Assert.Empty(_caches.Low);
        Assert.True(Take(s_report with { UsedBytes = 100 << 20, IsOver = true }));
        Assert.Single(_caches.Low);
        _boot = _farm.Farm.Services.Nonces.Issue(_device.Id, _boot, _time.GetUtcNow());
        await OpenAsync();
        Assert.Empty(_caches.Low);
    }

    private async Task OpenAsync()
    {
        Assert.IsNotType<Reply.Refused>(await _farm.AskAsync(new OpenSession(_device.Id, _boot, "one")));
        await Eventually.TrueAsync(() => _farm.Farm.View.Current.Device(_device.Id)?.Boot?.Id == _boot);
    }

    private bool Take(OwnCacheReport report)
    {
        _time.Advance(OwnCaches.Interval);
        return _caches.TryTake(_device, _boot, report);
    }
}
