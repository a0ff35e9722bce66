using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

/// <summary>The settings below <c>akka.test</c>.</summary>
public class TestKitSettings : IExtension
{
    public TestKitSettings(Config config)
    {
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan(
            "akka.test.single-expect-default",
            TimeSpan.FromSeconds(3),
            allowInfinite: false
        );
        TestEventFilterLeeway = config.GetTimeSpan(
            "akka.test.filter-leeway",
            TimeSpan.FromSeconds(3),
            allowInfinite: false
        );
        TestTimeFactor = config.GetDouble("akka.test.timefactor", 1.0);
        LogTestKitCalls = config.GetBoolean("akka.test.testkit.debug", false);
        if (TestTimeFactor <= 0)
            throw new ConfigurationException($"akka.test.timefactor: {TestTimeFactor} is not above 0");
    }

    /// <summary>How long latches and barriers wait unless told otherwise.</summary>
    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long an expectation waits outside <c>Within</c> unless told otherwise.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>How long an event filter waits after its action.</summary>
    public TimeSpan TestEventFilterLeeway { get; }

    /// <summary>What all waits are multiplied by, for slow machines.</summary>
    public double TestTimeFactor { get; }

    public bool LogTestKitCalls { get; }
}
