using Akka.Configuration;

namespace Hatchery.Devices.Configuration;

/// <summary>What the actor system of the farm's entities is told: serializer, journal, tags.</summary>
public static class FarmActorConfiguration
{
    /// <param name="database">The journal's tables lie in it too.</param>
    public static Config For(FarmDatabase database)
    {
        var provider = database.IsPostgreSql ? "PostgreSQL.15" : "SQLite.MS";
        var sql = $"connection-string = {Quoted(database.JournalConnectionString)}, provider-name = \"{provider}\"";
        return ConfigurationFactory.ParseString(
            $$"""
            akka.actor {
              provider = cluster
              serializers.farm = "Hatchery.Devices.FarmSerializer, Hatchery.Devices"
              serialization-bindings {
                "Hatchery.Devices.IDeviceEvent, Hatchery.Devices" = farm
                "Hatchery.Devices.IVDiskEvent, Hatchery.Devices" = farm
                "Hatchery.Devices.IPolicyEvent, Hatchery.Devices" = farm
                "Hatchery.Devices.IFarmMessage, Hatchery.Devices" = farm
                "Hatchery.Devices.Reply, Hatchery.Devices" = farm
                "Hatchery.Devices.ServerStatus, Hatchery.Devices" = farm
                "Hatchery.Devices.TakeSession, Hatchery.Devices" = farm
                "Hatchery.Devices.DeviceState, Hatchery.Devices" = farm
                "Hatchery.Devices.VDiskState, Hatchery.Devices" = farm
                "Hatchery.Devices.PolicyState, Hatchery.Devices" = farm
              }
            }
            # A cluster of one, which nobody else can reach, until an operator's file says otherwise.
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            akka.cluster {
              periodic-tasks-initial-delay = 50ms
              leader-actions-interval = 200ms
              gossip-interval = 200ms
              unreachable-nodes-reaper-interval = 100ms
              retry-unsuccessful-join-after = 2s
              # Heartbeats wait for nothing else that this server does.
              use-dispatcher = cluster-dispatcher
              # Where a host refuses connections its server is dead, and that is known in half a second. A host that was cut off does not, and a
              # server whose processor is taken does not either, so the pause is what that one may need.
              failure-detector {
                implementation-class = "Hatchery.Devices.ServerFailureDetector, Hatchery.Devices"
                heartbeat-interval = 200ms
                acceptable-heartbeat-pause = 3s
                expected-response-after = 1s
              }
              downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
              split-brain-resolver {
                active-strategy = keep-majority
                stable-after = 500ms
                # Longer than the other side takes to ask: 2 s until it knows, 2 s as the smaller side, 5 s for the database. A server that
                # dies while it holds the lease leaves the other one without.
                lease-majority.release-after = 15s
              }
              sharding {
                # Also how long at most until the next coordinator is found.
                retry-interval = 250ms
                # A device's keeper leaves by itself when the device is off; vDisks and the policy are few, and asked for all the time.
                passivate-idle-entity-after = off
                least-shard-allocation-strategy { rebalance-absolute-limit = 20, rebalance-relative-limit = 0.2 }
              }
            }
            cluster-dispatcher {
              type = ForkJoinDispatcher
              executor = fork-join-executor
              fork-join-executor { parallelism-min = 2, parallelism-factor = 1.0, parallelism-max = 4 }
            }
            # For split-brain-resolver.lease-majority: whoever has it in the farm database goes on.
            farm-lease {
              lease-class = "Hatchery.Devices.FarmLease, Hatchery.Devices"
              heartbeat-timeout = 12s
              heartbeat-interval = 2s
            }
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                  {{sql}}
                  event-adapters.farm = "Hatchery.Devices.FarmEventTagger, Hatchery.Devices"
                  event-adapter-bindings {
                    "Hatchery.Devices.IDeviceEvent, Hatchery.Devices" = farm
                    "Hatchery.Devices.IVDiskEvent, Hatchery.Devices" = farm
                    "Hatchery.Devices.IPolicyEvent, Hatchery.Devices" = farm
                  }
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql {
                  class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                  {{sql}}
                }
              }
              query.journal.sql {
                class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
                {{sql}}
                # How late a server hears of what happened at another.
                refresh-interval = 250ms
                # Longer than the database lets a transaction live: an event that is committed late is waited for, not skipped.
                journal-sequence-retrieval { query-delay = 250ms, max-tries = {{(int)
                (database.JournalPatience / TimeSpan.FromMilliseconds(250))}} }
              }
            }
            """
        );
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
