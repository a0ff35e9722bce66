using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>Which lease, for whom, and what its section says.</summary>
public sealed class LeaseSettings
{
    /// <summary>Gives the parts.</summary>
    public LeaseSettings(string leaseName, string ownerName, TimeoutSettings timeoutSettings, Config leaseConfig)
    {
        LeaseName = leaseName;
        OwnerName = ownerName;
        TimeoutSettings = timeoutSettings;
        LeaseConfig = leaseConfig;
    }

    /// <summary>The name of what is held.</summary>
    public string LeaseName { get; }

    /// <summary>The name of who holds it.</summary>
    public string OwnerName { get; }

    /// <summary>The times.</summary>
    public TimeoutSettings TimeoutSettings { get; }

    /// <summary>The section of the implementation.</summary>
    public Config LeaseConfig { get; }

    /// <summary>Reads a section.</summary>
    public static LeaseSettings Create(Config config, string leaseName, string ownerName) =>
        new(leaseName, ownerName, TimeoutSettings.Create(config), config);

    /// <summary>A copy with other times.</summary>
    public LeaseSettings WithTimeoutSettings(TimeoutSettings timeoutSettings) =>
        new(LeaseName, OwnerName, timeoutSettings, LeaseConfig);

    /// <inheritdoc/>
    public override string ToString() => $"LeaseSettings({LeaseName}, {OwnerName}, {TimeoutSettings})";
}

/// <summary>Which implementation something uses, and how often it tries again.</summary>
public sealed class LeaseUsageSettings
{
    /// <summary>Gives the parts.</summary>
    public LeaseUsageSettings(string leaseImplementation, TimeSpan leaseRetryInterval)
    {
        LeaseImplementation = leaseImplementation;
        LeaseRetryInterval = leaseRetryInterval;
    }

    /// <summary>The path of its section.</summary>
    public string LeaseImplementation { get; }

    /// <summary>How long to wait after it was not to be had.</summary>
    public TimeSpan LeaseRetryInterval { get; }
}
