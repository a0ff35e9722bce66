namespace Akka.Remote.Tests.FailureDetection;

public sealed class PhiAccrualTests
{
    private static readonly TimeSpan HalfASecond = TimeSpan.FromMilliseconds(500);
    private readonly ManualClock _clock = new();

    /// <summary>What the documentation has for beats of 1000 ms with a deviation of 100 ms.</summary>
    [Theory]
    [InlineData(0.301, 1000)]
    [InlineData(1.643, 1200)]
    [InlineData(4.737, 1400)]
    [InlineData(10.78, 1600)]
    [InlineData(15.37, 1700)]
    public void Suspicion_begins_at_the_silence_whose_phi_is_the_threshold(double threshold, long silenceMs)
    {
        var detector = Detector(threshold, TimeSpan.Zero, TimeSpan.FromMilliseconds(1000));
        Beat(detector, 1000, 1000);
        Assert.InRange(SilenceUntilSuspicion(detector), silenceMs - 2, silenceMs + 2);
    }

    [Fact]
    public void The_acceptable_pause_is_added_to_the_mean()
    {
        var none = Detector(8, TimeSpan.Zero, TimeSpan.FromMilliseconds(1000));
        var threeSeconds = Detector(8, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(1000));
        Beat(none, 1000, 1000);
        var without = SilenceUntilSuspicion(none);
        Beat(threeSeconds, 1000, 1000);
        Assert.Equal(without + 3000, SilenceUntilSuspicion(threeSeconds));
    }

    [Fact]
    public void A_resource_without_a_heartbeat_is_available_and_not_monitored()
    {
        var detector = Detector(8, TimeSpan.Zero, HalfASecond);
        _clock.Advance(100_000_000);
        Assert.True(detector.IsAvailable);
        Assert.False(detector.IsMonitoring);
    }

    [Fact]
    public void One_heartbeat_begins_the_watch_with_the_estimate()
    {
        var detector = Detector(8, TimeSpan.Zero, TimeSpan.FromMilliseconds(1000));
        detector.HeartBeat();
        Assert.True(detector.IsMonitoring);
        // Mean 1000, deviation 250: phi is 8 at 5.23 deviations.
        Assert.InRange(SilenceUntilSuspicion(detector), 2305, 2310);
    }

    [Fact]
    public void It_is_available_again_after_a_heartbeat()
    {
        var detector = Detector(3, TimeSpan.Zero, TimeSpan.FromMilliseconds(1000));
        Beat(detector, 10, 1000);
        _clock.Advance(10_000);
        Assert.False(detector.IsAvailable);
        detector.HeartBeat();
        Assert.True(detector.IsAvailable);
    }

    [Fact]
    public void A_silence_that_was_suspected_is_not_learnt()
    {
        var detector = Detector(3, TimeSpan.Zero, TimeSpan.FromMilliseconds(1000));
        Beat(detector, 1000, 1000);
        var before = SilenceUntilSuspicion(detector);
        _clock.Advance(60_000);
        detector.HeartBeat();
        Assert.Equal(before, SilenceUntilSuspicion(detector));
    }

    [Fact]
    public void Only_the_newest_intervals_count()
    {
        var detector = new PhiAccrualFailureDetector(
            8,
            3,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromSeconds(5),
            TimeSpan.FromMilliseconds(1000),
            _clock.Clock
        );
        Beat(detector, 20, 1000);
        Beat(detector, 4, 3000);
        Assert.InRange(SilenceUntilSuspicion(detector), 8521, 8525);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        var second = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentException>(() => new PhiAccrualFailureDetector(-1, 1, second, second, second));
        Assert.Throws<ArgumentException>(() => new PhiAccrualFailureDetector(1, 0, second, second, second));
        Assert.Throws<ArgumentException>(() => new PhiAccrualFailureDetector(1, 1, TimeSpan.Zero, second, second));
        Assert.Throws<ArgumentException>(() => new PhiAccrualFailureDetector(1, 1, second, -second, second));
        Assert.Throws<ArgumentException>(() => new PhiAccrualFailureDetector(1, 1, second, second, TimeSpan.Zero));
    }

    private PhiAccrualFailureDetector Detector(double threshold, TimeSpan pause, TimeSpan firstEstimate) =>
        new(threshold, 1000, TimeSpan.FromMilliseconds(100), pause, firstEstimate, _clock.Clock);

    private void Beat(FailureDetector detector, int count, long intervalMs)
    {
        detector.HeartBeat();
        for (var i = 0; i < count; i++)
        {
            _clock.Advance(intervalMs);
            detector.HeartBeat();
        }
    }

    private long SilenceUntilSuspicion(FailureDetector detector)
    {
        long silence = 0;
        while (detector.IsAvailable)
        {
            _clock.Advance(1);
            silence++;
        }
        return silence;
    }
}
