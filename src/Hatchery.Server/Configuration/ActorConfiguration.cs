using Akka.Configuration;
using Hatchery.Devices;
using Hatchery.Devices.Configuration;

namespace Hatchery.Server;

/// <summary>What the server's two actor systems are told; an operator's own keys go before.</summary>
internal static class ActorConfiguration
{
    private static readonly Config s_log = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = DEBUG
          stdout-loglevel = OFF
          loggers = ["Hatchery.Server.LogForwarder, hatchery"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """
    );

    /// <summary>The system of entities and operators: the one that will be a member of the cluster.</summary>
    public static Config Farm(FarmDatabase database, Config configuration) =>
        configuration.WithFallback(FarmActorConfiguration.For(database)).WithFallback(s_log);

    /// <summary>The system of sessions and streams, which outlives the other.</summary>
    public static Config Streams(Config configuration) => configuration.WithFallback(s_log);
}
