using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class StandstillTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Process_that_goes_on_is_never_in_doubt()
    {
        using var standstill = new Standstill(_time);
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.False(standstill.IsInDoubt);
        }
    }

    [Fact]
    public void Who_asks_first_after_a_standstill_hears_of_it_until_the_others_had_time_to_answer()
    {
        var asleep = new SleepyTime(_time);
        using var standstill = new Standstill(asleep);
        Assert.False(standstill.IsInDoubt);

        _time.Advance(Standstill.Limit + TimeSpan.FromMilliseconds(1));

        Assert.True(standstill.IsInDoubt);
        Advance(Standstill.Doubt);
        Assert.True(standstill.IsInDoubt);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(standstill.IsInDoubt);

        void Advance(TimeSpan by)
        {
            for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(1))
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                Assert.True(standstill.IsInDoubt);
            }
        }
    }
}
