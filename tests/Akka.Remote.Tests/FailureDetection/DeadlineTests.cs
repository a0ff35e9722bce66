using Akka.Configuration;

namespace Akka.Remote.Tests.FailureDetection;

public sealed class DeadlineTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void It_waits_for_interval_and_pause_together()
    {
        var detector = new DeadlineFailureDetector(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1), _clock.Clock);
        Assert.True(detector.IsAvailable);
        Assert.False(detector.IsMonitoring);
        detector.HeartBeat();
        Assert.True(detector.IsMonitoring);
        _clock.Advance(4999);
        Assert.True(detector.IsAvailable);
        _clock.Advance(1);
        Assert.False(detector.IsAvailable);
        detector.HeartBeat();
        Assert.True(detector.IsAvailable);
    }

    [Fact]
    public void Without_a_pause_it_cannot_be_made() =>
        Assert.Throws<ArgumentException>(() => new DeadlineFailureDetector(TimeSpan.Zero, TimeSpan.Zero));

    [Fact]
    public void A_registry_makes_a_detector_at_the_first_heartbeat_and_forgets_it()
    {
        var made = 0;
        var registry = new DefaultFailureDetectorRegistry<string>(() =>
        {
            made++;
            return new DeadlineFailureDetector(TimeSpan.FromSeconds(1), TimeSpan.Zero, _clock.Clock);
        });
        Assert.True(registry.IsAvailable("a"));
        Assert.False(registry.IsMonitoring("a"));
        Assert.Equal(0, made);

        registry.Heartbeat("a");
        registry.Heartbeat("a");
        Assert.Equal(1, made);
        Assert.True(registry.IsMonitoring("a"));
        _clock.Advance(1000);
        registry.Heartbeat("b");
        Assert.False(registry.IsAvailable("a"));
        Assert.True(registry.IsAvailable("b"));

        registry.Remove("a");
        Assert.True(registry.IsAvailable("a"));
        Assert.False(registry.IsMonitoring("a"));
        registry.Reset();
        Assert.False(registry.IsMonitoring("b"));
    }

    [Theory]
    [InlineData("Akka.Remote.DeadlineFailureDetector, Akka.Remote", typeof(DeadlineFailureDetector))]
    [InlineData("Akka.Remote.PhiAccrualFailureDetector, Akka.Remote", typeof(PhiAccrualFailureDetector))]
    public void A_detector_is_loaded_by_its_name(string name, Type type)
    {
        using var system = Akka.Actor.ActorSystem.Create("loader");
        Config config =
            "heartbeat-interval = 1s, acceptable-heartbeat-pause = 3s, threshold = 8, max-sample-size = 10, min-std-deviation = 100ms";
        Assert.IsType(type, FailureDetectorLoader.Load(name, config, system));
        Assert.Throws<ConfigurationException>(() => FailureDetectorLoader.Load("No.Such, Thing", config, system));
    }
}
