using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>Which lease, whose, and how fast.</summary>
public sealed class LeaseSettings
{
    public LeaseSettings(string leaseName, string ownerName, TimeoutSettings timeoutSettings, Config leaseConfig)
    {
        LeaseName = leaseName;
        OwnerName = ownerName;
        TimeoutSettings = timeoutSettings;
        LeaseConfig = leaseConfig;
    }

    /// <summary>The same for all that want the same lease.</summary>
    public string LeaseName { get; }

    /// <summary>Another one for each that wants it.</summary>
    public string OwnerName { get; }

    public TimeoutSettings TimeoutSettings { get; }

    /// <summary>The section of the implementation.</summary>
    public Config LeaseConfig { get; }

    /// <param name="config">A section laid out as <c>akka.coordination.lease</c>.</param>
    /// <param name="leaseName">The same for all that want the same lease.</param>
    /// <param name="ownerName">Another one for each that wants it.</param>
    public static LeaseSettings Create(Config config, string leaseName, string ownerName) =>
        new(leaseName, ownerName, TimeoutSettings.Create(config), config);

    public LeaseSettings WithTimeoutSettings(TimeoutSettings timeoutSettings) =>
        new(LeaseName, OwnerName, timeoutSettings, LeaseConfig);

    /// <inheritdoc/>
    public override string ToString() => $"LeaseSettings({LeaseName}, {OwnerName}, {TimeoutSettings})";
}

/// <summary>How fast a lease has to be renewed and answered.</summary>
public sealed class TimeoutSettings
{
    /// <param name="heartbeatInterval">How often the owner gives a sign; at most half of the time-out.</param>
    /// <param name="heartbeatTimeout">Without a sign for this long a lease is anybody's.</param>
    /// <param name="operationTimeout">How long one request may take.</param>
    public TimeoutSettings(TimeSpan heartbeatInterval, TimeSpan heartbeatTimeout, TimeSpan operationTimeout)
    {
        if (heartbeatInterval > heartbeatTimeout / 2)
            throw new ArgumentException(
                $"the heartbeat-interval of a lease is {heartbeatInterval}: it must be at most half of its heartbeat-timeout, which is {heartbeatTimeout}"
            );
        HeartbeatInterval = heartbeatInterval;
        HeartbeatTimeout = heartbeatTimeout;
        OperationTimeout = operationTimeout;
    }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan HeartbeatTimeout { get; }

    public TimeSpan OperationTimeout { get; }

    /// <param name="config">A section laid out as <c>akka.coordination.lease</c>.</param>
    public static TimeoutSettings Create(Config config)
    {
        var timeout = config.GetTimeSpan("heartbeat-timeout", TimeSpan.FromSeconds(120));
        var shortest = TimeSpan.FromSeconds(5);
        var tenth = timeout / 10;
        var interval = string.IsNullOrEmpty(config.GetString("heartbeat-interval"))
            ? (tenth < shortest ? shortest : tenth)
            : config.GetTimeSpan("heartbeat-interval");
        return new(interval, timeout, config.GetTimeSpan("lease-operation-timeout", shortest));
    }

    public TimeoutSettings WithHeartbeatInterval(TimeSpan heartbeatInterval) =>
        new(heartbeatInterval, HeartbeatTimeout, OperationTimeout);

    public TimeoutSettings WithHeartbeatTimeout(TimeSpan heartbeatTimeout) =>
        new(HeartbeatInterval, heartbeatTimeout, OperationTimeout);

    /// <inheritdoc/>
    public override string ToString() =>
        $"TimeoutSettings({HeartbeatInterval}, {HeartbeatTimeout}, {OperationTimeout})";
}

/// <summary>Which implementation of a lease something uses.</summary>
public sealed class LeaseUsageSettings
{
    /// <param name="leaseImplementation">The path of its section in the configuration.</param>
    /// <param name="leaseRetryInterval">How long until a lease that somebody else holds is asked for again.</param>
    public LeaseUsageSettings(string leaseImplementation, TimeSpan leaseRetryInterval)
    {
        LeaseImplementation = leaseImplementation;
        LeaseRetryInterval = leaseRetryInterval;
    }

    public string LeaseImplementation { get; }

    public TimeSpan LeaseRetryInterval { get; }
}
