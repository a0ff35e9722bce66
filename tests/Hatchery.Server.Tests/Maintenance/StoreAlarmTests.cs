using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server.Tests;

public sealed class StoreAlarmTests
{
    private readonly LogLines _lines = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void Store_is_full_until_no_write_was_refused_for_a_minute_and_others_are_told_once()
    {
        var (alarm, told) = (new StoreAlarm(_lines, _time), 0);
        alarm.Changed += () => told++;
        alarm.Raise(new(StoreFaultKind.NearlyFull, "/store", "80 %"));
        Assert.False(alarm.IsFull);
        for (var i = 0; i < 3; i++)
        {
            alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
            _time.Advance(TimeSpan.FromSeconds(40));
            Assert.True(alarm.IsFull);
        }
        Assert.Equal(1, told);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(alarm.IsFull);
        alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
        Assert.Equal(2, told);
    }

    [Fact]
    public void Lost_store_is_said_once_and_others_are_told()
    {
        var (alarm, told) = (new StoreAlarm(_lines, _time), 0);
        alarm.Changed += () => told++;
        alarm.Raise(new(StoreFaultKind.StoreLost, "/store", "the store is lost (its disk fails)"));
        Assert.StartsWith(
            "/store: the store is lost (its disk fails). ",
            Assert.Single(_lines.All),
            StringComparison.Ordinal
        );
        Assert.Equal((1, false), (told, alarm.IsFull));
    }

    [Fact]
    public void Full_store_is_said_once_a_minute_and_each_lost_cache_at_once()
    {
        var alarm = new StoreAlarm(_lines, _time);
        for (var i = 0; i < 1000; i++)
            alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
        Assert.Contains(
            "/store: writes of devices are refused. Make room",
            Assert.Single(_lines.All),
            StringComparison.Ordinal
        );
        _time.Advance(TimeSpan.FromSeconds(61));
        alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
        alarm.Raise(new(StoreFaultKind.Damaged, "/store/caches/1", "a sync of it has failed"));
        alarm.Raise(new(StoreFaultKind.Damaged, "/store/caches/2", "a sync of it has failed"));
        Assert.Equal(4, _lines.All.Count);
    }
}
