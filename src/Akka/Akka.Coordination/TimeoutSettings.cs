using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>The times of a lease.</summary>
public sealed class TimeoutSettings
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(5);

    /// <summary>Gives the times.</summary>
    public TimeoutSettings(TimeSpan heartbeatInterval, TimeSpan heartbeatTimeout, TimeSpan operationTimeout)
    {
        HeartbeatInterval = heartbeatInterval;
        HeartbeatTimeout = heartbeatTimeout;
        OperationTimeout = operationTimeout;
    }

    /// <summary>How often the owner gives a sign of life.</summary>
    public TimeSpan HeartbeatInterval { get; }

    /// <summary>How long the lease is held without one.</summary>
    public TimeSpan HeartbeatTimeout { get; }

    /// <summary>How long taking and giving back may last.</summary>
    public TimeSpan OperationTimeout { get; }

    /// <summary>Reads a section.</summary>
    /// <exception cref="ArgumentException">The interval is not below half of the time-out.</exception>
    public static TimeoutSettings Create(Config config)
    {
        var timeout = config.GetTimeSpan("heartbeat-timeout");
        var interval =
            config.GetString("heartbeat-interval", "") is { Length: > 0 } ? config.GetTimeSpan("heartbeat-interval")
            : timeout / 10 > LeastInterval ? timeout / 10
            : LeastInterval;
        if (interval >= timeout / 2)
            throw new ArgumentException(
                $"heartbeat-interval [{interval}] must be less than half of heartbeat-timeout [{timeout}]",
                nameof(config)
            );
        return new TimeoutSettings(interval, timeout, config.GetTimeSpan("lease-operation-timeout"));
    }

    /// <summary>A copy with another interval.</summary>
    public TimeoutSettings WithHeartbeatInterval(TimeSpan heartbeatInterval) =>
        new(heartbeatInterval, HeartbeatTimeout, OperationTimeout);

    /// <summary>A copy with another time-out.</summary>
    public TimeoutSettings WithHeartbeatTimeout(TimeSpan heartbeatTimeout) =>
        new(HeartbeatInterval, heartbeatTimeout, OperationTimeout);

    /// <summary>A copy with another limit for operations.</summary>
    public TimeoutSettings withOperationTimeout(TimeSpan operationTimeout) =>
        new(HeartbeatInterval, HeartbeatTimeout, operationTimeout);

    /// <inheritdoc/>
    public override string ToString() =>
        $"TimeoutSettings({HeartbeatInterval}, {HeartbeatTimeout}, {OperationTimeout})";
}
