using Akka.Configuration;

namespace Hatchery.Server;

/// <summary>What the actor systems are told: the farm's journal, serializer and log.</summary>
internal static class ActorConfiguration
{
    private const string Log = """
        akka {
          loglevel = DEBUG
          stdout-loglevel = OFF
          loggers = ["Hatchery.Server.LogForwarder, hatchery"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """;

    /// <summary>The system of entities and operators: the one that will be a member of the cluster.</summary>
    public static Config Farm(ServerSettings settings, Config configuration) =>
        ConfigurationFactory
            .ParseString(
                $$"""
                {{Log}}
                akka.actor {
                  serializers.farm = "Hatchery.Devices.FarmSerializer, Hatchery.Devices"
                  serialization-bindings {
                    "Hatchery.Devices.IDeviceEvent, Hatchery.Devices" = farm
                    "Hatchery.Devices.IVDiskEvent, Hatchery.Devices" = farm
                    "Hatchery.Devices.IFarmMessage, Hatchery.Devices" = farm
                    "Hatchery.Devices.Reply, Hatchery.Devices" = farm
                    "Hatchery.Devices.DeviceState, Hatchery.Devices" = farm
                    "Hatchery.Devices.VDiskState, Hatchery.Devices" = farm
                  }
                }
                akka.persistence {
                  journal {
                    plugin = "akka.persistence.journal.sql"
                    sql {
                      {{Sql(settings)}}
                      event-adapters.farm = "Hatchery.Devices.FarmEventTagger, Hatchery.Devices"
                      event-adapter-bindings {
                        "Hatchery.Devices.IDeviceEvent, Hatchery.Devices" = farm
                        "Hatchery.Devices.IVDiskEvent, Hatchery.Devices" = farm
                      }
                    }
                  }
                  snapshot-store {
                    plugin = "akka.persistence.snapshot-store.sql"
                    sql { {{Sql(settings)}} }
                  }
                  query.journal.sql { {{Sql(settings)}} }
                }
                """
            )
            .WithFallback(configuration);

    /// <summary>The system of sessions and streams, which outlives the other.</summary>
    public static Config Streams(Config configuration) =>
        ConfigurationFactory.ParseString(Log).WithFallback(configuration);

    private static string Sql(ServerSettings settings) =>
        $"connection-string = \"Data Source={settings.DatabaseFile}\", provider-name = \"SQLite.MS\"";
}
