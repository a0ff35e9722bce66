using Akka.Configuration;

namespace Akka.TestKit.Configs;

/// <summary>Configurations for tests.</summary>
public static class TestConfigs
{
    /// <summary>Logging that event filters can see, and the defaults of <c>akka.test</c>.</summary>
    public static Config DefaultConfig { get; } =
        ConfigurationFactory
            .ParseString(
                """
                akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
                akka.suppress-json-serializer-warning = true
                """
            )
            .WithFallback(
                ConfigurationFactory.FromResource("Akka.TestKit.Configs.reference.conf", typeof(TestConfigs).Assembly)
            );

    /// <summary>A scheduler whose time stands still until the test moves it.</summary>
    public static Config TestSchedulerConfig { get; } =
        ConfigurationFactory.ParseString(
            """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """
        );
}
