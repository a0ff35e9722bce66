using Hatchery.Disks;
using Hatchery.Testing;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server.Tests;

public sealed class StoreAlarmTests
{
    private readonly LogLines _lines = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void Store_is_full_until_it_has_room_again_and_others_are_told_of_both_once()
    {
        var (alarm, told, hasRoom) = (new StoreAlarm(_lines, _time), 0, true);
        alarm.Changed += () => told++;
        void After(double seconds)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            alarm.LookForRoom(() => hasRoom);
        }
        alarm.Raise(new(StoreFaultKind.NearlyFull, "/store", "80 %"));
        After(60);
        Assert.Equal((0, false), (told, alarm.IsFull));
        for (var i = 0; i < 3; i++)
        {
            alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
            // Small writes may have room where others have none.
            After(9.9);
            Assert.Equal((1, true), (told, alarm.IsFull));
        }
        hasRoom = false;
        After(600);
        Assert.Equal((1, true), (told, alarm.IsFull));
        hasRoom = true;
        After(0);
        Assert.Equal((2, false), (told, alarm.IsFull));
        alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
        Assert.Equal((3, true), (told, alarm.IsFull));
        _time.Advance(TimeSpan.FromSeconds(11));
        // A write that was refused while it was looked at.
        alarm.LookForRoom(() =>
        {
            alarm.Raise(new(StoreFaultKind.NoSpace, "/store", "writes of devices are refused"));
            return true;
        });
        Assert.True(alarm.IsFull);
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
