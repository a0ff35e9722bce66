using System.Collections.Immutable;
using Akka.Configuration;

namespace Akka.Cluster.SBR;

/// <summary>What <c>akka.cluster.split-brain-resolver</c> says.</summary>
public sealed class SplitBrainResolverSettings
{
    /// <summary>Keeps the side with the larger part of the members.</summary>
    public const string KeepMajorityName = "keep-majority";

    /// <summary>Keeps the side of the side that gets a lease, the larger one first.</summary>
    public const string LeaseMajorityName = "lease-majority";

    /// <summary>Keeps the side with a certain number of members.</summary>
    public const string StaticQuorumName = "static-quorum";

    /// <summary>Keeps the side of the oldest member.</summary>
    public const string KeepOldestName = "keep-oldest";

    /// <summary>Keeps no side.</summary>
    public const string DownAllName = "down-all";

    /// <summary>All strategies.</summary>
    public static readonly ImmutableHashSet<string> AllStrategyNames =
    [
        KeepMajorityName,
        LeaseMajorityName,
        StaticQuorumName,
        KeepOldestName,
        DownAllName,
    ];

    private static readonly TimeSpan LeastUnstable = TimeSpan.FromSeconds(4);

    private readonly Config _section;

    /// <summary>Reads the settings.</summary>
    /// <param name="config">All of the configuration of a system.</param>
    /// <exception cref="ConfigurationException">A value is none.</exception>
    public SplitBrainResolverSettings(Config config)
    {
        _section =
            config.GetConfig("akka.cluster.split-brain-resolver")
            ?? throw new ConfigurationException("akka.cluster.split-brain-resolver is missing");
        DowningStrategy = _section.GetString("active-strategy", "").ToLowerInvariant();
        if (!AllStrategyNames.Contains(DowningStrategy))
            throw new ConfigurationException(
                $"akka.cluster.split-brain-resolver.active-strategy: [{DowningStrategy}] is unknown, choose one of {string.Join(", ", AllStrategyNames.Order(StringComparer.Ordinal))}"
            );
        DowningStableAfter = _section.GetTimeSpan("stable-after");
        if (DowningStableAfter <= TimeSpan.Zero)
            throw new ConfigurationException("akka.cluster.split-brain-resolver.stable-after must be above zero");
        DownAllWhenUnstable = ReadUnstable();
    }

    /// <summary>The strategy.</summary>
    public string DowningStrategy { get; }

    /// <summary>How long nothing may have changed before it decides.</summary>
    public TimeSpan DowningStableAfter { get; }

    /// <summary>How much longer things may go on changing before all nodes go down; zero: for ever.</summary>
    public TimeSpan DownAllWhenUnstable { get; }

    /// <summary>The role whose members count in <c>keep-majority</c>; null for all.</summary>
    public string? KeepMajorityRole => Role("keep-majority");

    /// <summary>The settings of <c>static-quorum</c>.</summary>
    /// <exception cref="ConfigurationException">The size is missing, or below 1.</exception>
    public StaticQuorumSettings StaticQuorumSettings
    {
        get
        {
            if (_section.GetString("static-quorum.quorum-size", "undefined") == "undefined")
                throw new ConfigurationException(
                    "akka.cluster.split-brain-resolver.static-quorum.quorum-size is missing: set it to more than half of the members"
                );
            var size = _section.GetInt("static-quorum.quorum-size");
            return size >= 1
                ? new StaticQuorumSettings(size, Role("static-quorum"))
                : throw new ConfigurationException(
                    $"akka.cluster.split-brain-resolver.static-quorum.quorum-size must be >= 1, was [{size}]"
                );
        }
    }

    /// <summary>The settings of <c>keep-oldest</c>.</summary>
    public KeepOldestSettings KeepOldestSettings =>
        new(_section.GetBoolean("keep-oldest.down-if-alone", true), Role("keep-oldest"));

    /// <summary>The settings of <c>lease-majority</c>.</summary>
    /// <exception cref="ConfigurationException">No lease is named.</exception>
    public LeaseMajoritySettings LeaseMajoritySettings
    {
        get
        {
            var implementation = _section.GetString("lease-majority.lease-implementation", "");
            if (implementation.Length == 0)
                throw new ConfigurationException(
                    "akka.cluster.split-brain-resolver.lease-majority.lease-implementation is missing: set it to the path of a section with a lease-class"
                );
            var name = _section.GetString("lease-majority.lease-name", "").Trim();
            return new LeaseMajoritySettings(
                implementation,
                _section.GetTimeSpan("lease-majority.acquire-lease-delay-for-minority"),
                _section.GetTimeSpan("lease-majority.release-after"),
                Role("lease-majority"),
                name.Length == 0 ? null : name
            );
        }
    }

    private string? Role(string strategy) =>
        _section.GetString(strategy + ".role", "") is { Length: > 0 } role ? role : null;

    private TimeSpan ReadUnstable()
    {
        switch (_section.GetString("down-all-when-unstable", "on").ToLowerInvariant())
        {
            case "off" or "false" or "no":
                return TimeSpan.Zero;
            case "on" or "true" or "yes":
                var share = DowningStableAfter * 3 / 4;
                return share > LeastUnstable ? share : LeastUnstable;
            default:
                return _section.GetTimeSpan("down-all-when-unstable");
        }
    }
}

/// <summary>The settings of <c>static-quorum</c>.</summary>
public sealed class StaticQuorumSettings
{
    /// <summary>Gives the parts.</summary>
    public StaticQuorumSettings(int size, string? role)
    {
        Size = size;
        Role = role;
    }

    /// <summary>How many members a side needs.</summary>
    public int Size { get; }

    /// <summary>The role whose members count; null for all.</summary>
    public string? Role { get; }
}

/// <summary>The settings of <c>keep-oldest</c>.</summary>
public sealed class KeepOldestSettings
{
    /// <summary>Gives the parts.</summary>
    public KeepOldestSettings(bool downIfAlone, string? role)
    {
        DownIfAlone = downIfAlone;
        Role = role;
    }

    /// <summary>Whether an oldest that is cut off from all others goes down itself.</summary>
    public bool DownIfAlone { get; }

    /// <summary>The role whose members count; null for all.</summary>
    public string? Role { get; }
}

/// <summary>The settings of <c>lease-majority</c>.</summary>
public sealed class LeaseMajoritySettings
{
    /// <summary>Gives the parts.</summary>
    public LeaseMajoritySettings(
        string leaseImplementation,
        TimeSpan acquireLeaseDelayForMinority,
        TimeSpan releaseAfter,
        string? role,
        string? leaseName
    )
    {
        LeaseImplementation = leaseImplementation;
        AcquireLeaseDelayForMinority = acquireLeaseDelayForMinority;
        ReleaseAfter = releaseAfter;
        Role = role;
        LeaseName = leaseName;
    }

    /// <summary>The path of the section of the lease.</summary>
    public string LeaseImplementation { get; }

    /// <summary>How much later the smaller side asks for it.</summary>
    public TimeSpan AcquireLeaseDelayForMinority { get; }

    /// <summary>How long it is held after the last removal.</summary>
    public TimeSpan ReleaseAfter { get; }

    /// <summary>The role whose members count; null for all.</summary>
    public string? Role { get; }

    /// <summary>The name of the lease; null for the one made of the system's name.</summary>
    public string? LeaseName { get; }

    /// <summary>The name of the lease in a system of that name.</summary>
    public string SafeLeaseName(string systemName) => LeaseName ?? $"{systemName}-akka-sbr";
}
