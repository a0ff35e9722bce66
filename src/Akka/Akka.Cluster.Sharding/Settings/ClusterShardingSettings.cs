using Akka.Actor;
using Akka.Cluster.Tools;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Sharding;

/// <summary>How one entity type is sharded: <c>akka.cluster.sharding</c>.</summary>
public sealed class ClusterShardingSettings : INoSerializationVerificationNeeded
{
    private const string Section = "akka.cluster.sharding";

    /// <summary>Only members with this role host shards; null for every member.</summary>
    public readonly string? Role;

    /// <summary>Always false: entities are started by their first message.</summary>
    public readonly bool RememberEntities;

    /// <summary>The coordinator's journal; empty for the system's default.</summary>
    public readonly string JournalPluginId;

    /// <summary>The coordinator's snapshot store; empty for the system's default.</summary>
    public readonly string SnapshotPluginId;

    /// <summary>An entity without a message for this long is stopped; zero for never.</summary>
    public readonly TimeSpan PassivateIdleEntityAfter;

    public readonly StateStoreMode StateStoreMode;

    /// <summary>How long a region waits for its shards to answer a query.</summary>
    public readonly TimeSpan ShardRegionQueryTimeout;

    public readonly TuningParameters TuningParameters;

    public readonly ClusterSingletonManagerSettings CoordinatorSingletonSettings;

    /// <summary>The lease that a shard holds while its entities run; null for none.</summary>
    public readonly LeaseUsageSettings? LeaseSettings;

    /// <exception cref="ConfigurationException"><paramref name="rememberEntities"/> is true.</exception>
    public ClusterShardingSettings(
        string? role,
        bool rememberEntities,
        string journalPluginId,
        string snapshotPluginId,
        TimeSpan passivateIdleEntityAfter,
        StateStoreMode stateStoreMode,
        TuningParameters tuningParameters,
        ClusterSingletonManagerSettings coordinatorSingletonSettings,
        LeaseUsageSettings? leaseSettings
    )
        : this(
            new Values(
                role,
                rememberEntities,
                journalPluginId,
                snapshotPluginId,
                passivateIdleEntityAfter,
                stateStoreMode,
                TimeSpan.FromSeconds(3),
                tuningParameters,
                coordinatorSingletonSettings,
                leaseSettings
            )
        ) { }

    private ClusterShardingSettings(Values values)
    {
        if (values.RememberEntities)
            throw new ConfigurationException($"{Section}.remember-entities is not supported here: set it to off");
        Current = values;
        Role = string.IsNullOrEmpty(values.Role) ? null : values.Role;
        RememberEntities = values.RememberEntities;
        JournalPluginId = values.JournalPluginId;
        SnapshotPluginId = values.SnapshotPluginId;
        PassivateIdleEntityAfter = values.PassivateIdleEntityAfter;
        StateStoreMode = values.StateStoreMode;
        ShardRegionQueryTimeout = values.ShardRegionQueryTimeout;
        TuningParameters = values.TuningParameters;
        CoordinatorSingletonSettings = values.CoordinatorSingletonSettings;
        LeaseSettings = values.LeaseSettings;
    }

    private Values Current { get; }

    public static ClusterShardingSettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSharding.DefaultConfig());
        var config =
            system.Settings.Config.GetConfig(Section) ?? throw new ConfigurationException($"{Section} is missing");
        var singletonPath = config.GetString("coordinator-singleton", "akka.cluster.singleton");
        var singleton =
            system.Settings.Config.GetConfig(singletonPath)
            ?? throw new ConfigurationException(
                $"{Section}.coordinator-singleton names {singletonPath}, which is missing"
            );
        return Create(config, singleton);
    }

    /// <param name="config">A section laid out as <c>akka.cluster.sharding</c>.</param>
    /// <param name="singletonConfig">A section laid out as <c>akka.cluster.singleton</c>.</param>
    /// <exception cref="ConfigurationException">A value is missing, wrong or not supported.</exception>
    public static ClusterShardingSettings Create(Config config, Config singletonConfig)
    {
        var mode = config.GetString("state-store-mode", "persistence");
        if (!mode.Equals("persistence", StringComparison.OrdinalIgnoreCase))
            throw new ConfigurationException(
                $"{Section}.state-store-mode is '{mode}', which is not supported here: set it to persistence"
            );
        var idle = config.GetString("passivate-idle-entity-after", "120s");
        return new ClusterShardingSettings(
            new Values(
                config.GetString("role"),
                config.GetBoolean("remember-entities"),
                config.GetString("journal-plugin-id", ""),
                config.GetString("snapshot-plugin-id", ""),
                idle.ToLowerInvariant() is "off" or "false" or "no"
                    ? TimeSpan.Zero
                    : config.GetTimeSpan(
                        "passivate-idle-entity-after",
                        TimeSpan.FromSeconds(120),
                        allowInfinite: false
                    ),
                StateStoreMode.Persistence,
                config.GetTimeSpan("shard-region-query-timeout", TimeSpan.FromSeconds(3)),
                TuningParameters.Read(config),
                ClusterSingletonManagerSettings.Create(singletonConfig),
                LeaseUse.Read(config)
            )
        );
    }

    public ClusterShardingSettings WithRole(string? role) => new(Current with { Role = role });

    /// <exception cref="ConfigurationException"><paramref name="rememberEntities"/> is true.</exception>
    public ClusterShardingSettings WithRememberEntities(bool rememberEntities) =>
        new(Current with { RememberEntities = rememberEntities });

    public ClusterShardingSettings WithJournalPluginId(string? journalPluginId) =>
        new(Current with { JournalPluginId = journalPluginId ?? "" });

    public ClusterShardingSettings WithSnapshotPluginId(string? snapshotPluginId) =>
        new(Current with { SnapshotPluginId = snapshotPluginId ?? "" });

    public ClusterShardingSettings WithPassivateIdleAfter(TimeSpan duration) =>
        new(Current with { PassivateIdleEntityAfter = duration });

    public ClusterShardingSettings WithStateStoreMode(StateStoreMode mode) =>
        new(Current with { StateStoreMode = mode });

    public ClusterShardingSettings WithTuningParameters(TuningParameters tuningParameters) =>
        new(Current with { TuningParameters = tuningParameters });

    public ClusterShardingSettings WithCoordinatorSingletonSettings(
        ClusterSingletonManagerSettings coordinatorSingletonSettings
    ) => new(Current with { CoordinatorSingletonSettings = coordinatorSingletonSettings });

    public ClusterShardingSettings WithLeaseSettings(LeaseUsageSettings? leaseSettings) =>
        new(Current with { LeaseSettings = leaseSettings });

    private sealed record Values(
        string? Role,
        bool RememberEntities,
        string JournalPluginId,
        string SnapshotPluginId,
        TimeSpan PassivateIdleEntityAfter,
        StateStoreMode StateStoreMode,
        TimeSpan ShardRegionQueryTimeout,
        TuningParameters TuningParameters,
        ClusterSingletonManagerSettings CoordinatorSingletonSettings,
        LeaseUsageSettings? LeaseSettings
    );
}
