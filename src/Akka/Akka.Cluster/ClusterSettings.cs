using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Cluster;

/// <summary>What <c>akka.cluster</c> says.</summary>
public sealed class ClusterSettings
{
    private static readonly TimeSpan DefaultWeaklyUpAfter = TimeSpan.FromSeconds(7);

    private readonly Config _cluster;

    /// <summary>Reads the settings.</summary>
    /// <param name="config">All of the configuration of a system.</param>
    /// <param name="systemName">The name of the system.</param>
    /// <exception cref="ConfigurationException">A value is none.</exception>
    public ClusterSettings(Config config, string systemName)
    {
        _cluster = config.GetConfig("akka.cluster") ?? throw new ConfigurationException("akka.cluster is missing");
        SystemName = systemName;
        FailureDetectorConfig = _cluster.GetConfig("failure-detector") ?? Config.Empty;
        HeartbeatInterval = FailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        HeartbeatExpectedResponseAfter = FailureDetectorConfig.GetTimeSpan("expected-response-after");
        MonitoredByNrOfMembers = FailureDetectorConfig.GetInt("monitored-by-nr-of-members");
        SeedNodes = [.. _cluster.GetStringList("seed-nodes").Select(ParseSeed)];
        Roles = [.. _cluster.GetStringList("roles")];
        AppVersion = ReadAppVersion(_cluster.GetString("app-version", "assembly-version"));
        RetryUnsuccessfulJoinAfter = OptionalTime("retry-unsuccessful-join-after");
        ShutdownAfterUnsuccessfulJoinSeedNodes = OptionalTime("shutdown-after-unsuccessful-join-seed-nodes");
        MinNrOfMembersOfRole = (_cluster.GetConfig("role") ?? Config.Empty)
            .AsEnumerable()
            .ToImmutableDictionary(
                role => role.Key.Trim('"'),
                role => role.Value.GetObject()?.GetKey("min-nr-of-members")?.GetInt() ?? 1,
                StringComparer.Ordinal
            );
        AllowWeaklyUpMembers = !IsOff("allow-weakly-up-members");
        WeaklyUpAfter =
            !AllowWeaklyUpMembers ? TimeSpan.MaxValue
            : _cluster.GetString("allow-weakly-up-members") is "on" or "true" ? DefaultWeaklyUpAfter
            : _cluster.GetTimeSpan("allow-weakly-up-members", DefaultWeaklyUpAfter);
        SeedNodeTimeout = _cluster.GetTimeSpan("seed-node-timeout");
        MinNrOfMembers = _cluster.GetInt("min-nr-of-members", 1);
        DownRemovalMargin = OptionalTime("down-removal-margin");
        RunCoordinatedShutdownWhenDown = _cluster.GetBoolean("run-coordinated-shutdown-when-down", true);
        LogInfo = _cluster.GetBoolean("log-info", true);
        PeriodicTasksInitialDelay = _cluster.GetTimeSpan("periodic-tasks-initial-delay");
        GossipInterval = _cluster.GetTimeSpan("gossip-interval");
        LeaderActionsInterval = _cluster.GetTimeSpan("leader-actions-interval");
        UnreachableNodesReaperInterval = _cluster.GetTimeSpan("unreachable-nodes-reaper-interval");
        GossipDifferentViewProbability = _cluster.GetDouble("gossip-different-view-probability");
        ReduceGossipDifferentViewProbability = _cluster.GetInt("reduce-gossip-different-view-probability");
        UseDispatcher = _cluster.GetString("use-dispatcher", "") is { Length: > 0 } named
            ? named
            : "akka.actor.internal-dispatcher";
        FailureDetectorImplementationClass = FailureDetectorConfig.GetString("implementation-class", "");
        DowningProviderType = ReadDowningProvider(_cluster.GetString("downing-provider-class", ""));
    }

    /// <summary>The addresses of nodes to join, the founder first.</summary>
    public ImmutableList<Address> SeedNodes { get; }

    /// <summary>How long a search among the seed nodes lasts.</summary>
    public TimeSpan SeedNodeTimeout { get; }

    /// <summary>When a node that asked to be taken in asks again; null for never.</summary>
    public TimeSpan? RetryUnsuccessfulJoinAfter { get; }

    /// <summary>When a node that nobody took in gives up; null for never.</summary>
    public TimeSpan? ShutdownAfterUnsuccessfulJoinSeedNodes { get; }

    /// <summary>What this node is for.</summary>
    public ImmutableHashSet<string> Roles { get; }

    /// <summary>The version of the application.</summary>
    public AppVersion AppVersion { get; }

    /// <summary>Members that have to be there before the first becomes Up.</summary>
    public int MinNrOfMembers { get; }

    /// <summary>The same for single roles.</summary>
    public ImmutableDictionary<string, int> MinNrOfMembersOfRole { get; }

    /// <summary>True when members may be WeaklyUp.</summary>
    public bool AllowWeaklyUpMembers { get; }

    /// <summary>How long after joining they are.</summary>
    public TimeSpan WeaklyUpAfter { get; }

    /// <summary>Who decides about members that cannot be reached.</summary>
    public Type DowningProviderType { get; }

    /// <summary>True when a node that is Down runs coordinated shutdown.</summary>
    public bool RunCoordinatedShutdownWhenDown { get; }

    /// <summary>True when changes are logged.</summary>
    public bool LogInfo { get; }

    /// <summary>When periodic work first is due.</summary>
    public TimeSpan PeriodicTasksInitialDelay { get; }

    /// <summary>How often a node gossips.</summary>
    public TimeSpan GossipInterval { get; }

    /// <summary>How often the leader acts.</summary>
    public TimeSpan LeaderActionsInterval { get; }

    /// <summary>How often heartbeats are looked at.</summary>
    public TimeSpan UnreachableNodesReaperInterval { get; }

    /// <summary>How often gossip goes to one that has not seen it, 0 to 1.</summary>
    public double GossipDifferentViewProbability { get; }

    /// <summary>The size of a cluster from which that falls.</summary>
    public int ReduceGossipDifferentViewProbability { get; }

    /// <summary>What the actors of the cluster run on.</summary>
    public string UseDispatcher { get; }

    /// <summary>The section <c>failure-detector</c>.</summary>
    public Config FailureDetectorConfig { get; }

    /// <summary>The class of the failure detector.</summary>
    public string FailureDetectorImplementationClass { get; }

    /// <summary>How often heartbeats are sent.</summary>
    public TimeSpan HeartbeatInterval { get; }

    /// <summary>When a node that never answered is expected to have answered.</summary>
    public TimeSpan HeartbeatExpectedResponseAfter { get; }

    /// <summary>How many nodes watch each node.</summary>
    public int MonitoredByNrOfMembers { get; }

    internal string SystemName { get; }

    /// <summary>How long to wait after a removal; null: what the downing provider says.</summary>
    internal TimeSpan? DownRemovalMargin { get; }

    private static Address ParseSeed(string text) =>
        Address.TryParse(text, out var address)
            ? address
            : throw new ConfigurationException(
                $"akka.cluster.seed-nodes: [{text}] is no address, write akka.tcp://system@host:port"
            );

    private static AppVersion ReadAppVersion(string text) =>
        AppVersion.Create(
            text == "assembly-version" ? Assembly.GetEntryAssembly()?.GetName().Version?.ToString() ?? "0.0.0" : text
        );

    private static Type ReadDowningProvider(string name) =>
        name.Length == 0
            ? typeof(NoDowning)
            : Type.GetType(name)
                ?? throw new ConfigurationException(
                    $"akka.cluster.downing-provider-class: [{name}] cannot be found, write its full type name and assembly"
                );

    private bool IsOff(string key) => _cluster.GetString(key, "off") is "off" or "false" or "";

    private TimeSpan? OptionalTime(string key) => IsOff(key) ? null : _cluster.GetTimeSpan(key);
}
