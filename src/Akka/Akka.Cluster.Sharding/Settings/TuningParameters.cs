using Akka.Configuration;

namespace Akka.Cluster.Sharding;

/// <summary>Intervals, limits and sizes of cluster sharding; <c>akka.cluster.sharding</c> explains each.</summary>
public class TuningParameters
{
    public readonly TimeSpan CoordinatorFailureBackoff;
    public readonly TimeSpan RetryInterval;
    public readonly int BufferSize;
    public readonly TimeSpan HandOffTimeout;
    public readonly TimeSpan ShardStartTimeout;
    public readonly TimeSpan ShardFailureBackoff;
    public readonly TimeSpan RebalanceInterval;
    public readonly int SnapshotAfter;
    public readonly int KeepNrOfBatches;
    public readonly int LeastShardAllocationRebalanceThreshold;
    public readonly int LeastShardAllocationMaxSimultaneousRebalance;
    public readonly int LeastShardAllocationAbsoluteLimit;
    public readonly double LeastShardAllocationRelativeLimit;

    private TuningParameters(Values values)
    {
        Current = values;
        CoordinatorFailureBackoff = values.CoordinatorFailureBackoff;
        RetryInterval = values.RetryInterval;
        BufferSize = values.BufferSize;
        HandOffTimeout = values.HandOffTimeout;
        ShardStartTimeout = values.ShardStartTimeout;
        ShardFailureBackoff = values.ShardFailureBackoff;
        RebalanceInterval = values.RebalanceInterval;
        SnapshotAfter = values.SnapshotAfter;
        KeepNrOfBatches = values.KeepNrOfBatches;
        LeastShardAllocationRebalanceThreshold = values.RebalanceThreshold;
        LeastShardAllocationMaxSimultaneousRebalance = values.MaxSimultaneousRebalance;
        LeastShardAllocationAbsoluteLimit = values.AbsoluteLimit;
        LeastShardAllocationRelativeLimit = values.RelativeLimit;
        if (RetryInterval <= TimeSpan.Zero || RebalanceInterval <= TimeSpan.Zero)
            throw new ConfigurationException(
                "retry-interval and rebalance-interval of cluster sharding must be positive"
            );
        if (BufferSize < 0 || SnapshotAfter < 1 || KeepNrOfBatches < 0)
            throw new ConfigurationException(
                "buffer-size and keep-nr-of-batches of cluster sharding must not be negative, snapshot-after must be positive"
            );
    }

    private Values Current { get; }

    public TuningParameters WithCoordinatorFailureBackoff(TimeSpan coordinatorFailureBackoff) =>
        new(Current with { CoordinatorFailureBackoff = coordinatorFailureBackoff });

    public TuningParameters WithRetryInterval(TimeSpan retryInterval) =>
        new(Current with { RetryInterval = retryInterval });

    public TuningParameters WithBufferSize(int bufferSize) => new(Current with { BufferSize = bufferSize });

    public TuningParameters WithHandOffTimeout(TimeSpan handOffTimeout) =>
        new(Current with { HandOffTimeout = handOffTimeout });

    public TuningParameters WithShardStartTimeout(TimeSpan shardStartTimeout) =>
        new(Current with { ShardStartTimeout = shardStartTimeout });

    public TuningParameters WithShardFailureBackoff(TimeSpan shardFailureBackoff) =>
        new(Current with { ShardFailureBackoff = shardFailureBackoff });

    public TuningParameters WithRebalanceInterval(TimeSpan rebalanceInterval) =>
        new(Current with { RebalanceInterval = rebalanceInterval });

    public TuningParameters WithSnapshotAfter(int snapshotAfter) => new(Current with { SnapshotAfter = snapshotAfter });

    public TuningParameters WithKeepNrOfBatches(int keepNrOfBatches) =>
        new(Current with { KeepNrOfBatches = keepNrOfBatches });

    public TuningParameters WithLeastShardAllocationRebalanceThreshold(int leastShardAllocationRebalanceThreshold) =>
        new(Current with { RebalanceThreshold = leastShardAllocationRebalanceThreshold });

    public TuningParameters WithLeastShardAllocationMaxSimultaneousRebalance(
        int leastShardAllocationMaxSimultaneousRebalance
    ) => new(Current with { MaxSimultaneousRebalance = leastShardAllocationMaxSimultaneousRebalance });

    public TuningParameters WithLeastShardAllocationAbsoluteLimit(int leastShardAllocationAbsoluteLimit) =>
        new(Current with { AbsoluteLimit = leastShardAllocationAbsoluteLimit });

    public TuningParameters WithLeastShardAllocationRelativeLimit(double leastShardAllocationRelativeLimit) =>
        new(Current with { RelativeLimit = leastShardAllocationRelativeLimit });

    /// <param name="config">A section laid out as <c>akka.cluster.sharding</c>.</param>
    internal static TuningParameters Read(Config config) =>
        new(
            new Values(
                config.GetTimeSpan("coordinator-failure-backoff", TimeSpan.FromSeconds(5)),
                config.GetTimeSpan("retry-interval", TimeSpan.FromSeconds(2)),
                config.GetInt("buffer-size", 100_000),
                config.GetTimeSpan("handoff-timeout", TimeSpan.FromSeconds(60)),
                config.GetTimeSpan("shard-start-timeout", TimeSpan.FromSeconds(10)),
                config.GetTimeSpan("shard-failure-backoff", TimeSpan.FromSeconds(10)),
                config.GetTimeSpan("rebalance-interval", TimeSpan.FromSeconds(10)),
                config.GetInt("snapshot-after", 1000),
                config.GetInt("keep-nr-of-batches", 2),
                config.GetInt("least-shard-allocation-strategy.rebalance-threshold", 1),
                config.GetInt("least-shard-allocation-strategy.max-simultaneous-rebalance", 3),
                config.GetInt("least-shard-allocation-strategy.rebalance-absolute-limit", 0),
                config.GetDouble("least-shard-allocation-strategy.rebalance-relative-limit", 0.1)
            )
        );

    private sealed record Values(
        TimeSpan CoordinatorFailureBackoff,
        TimeSpan RetryInterval,
        int BufferSize,
        TimeSpan HandOffTimeout,
        TimeSpan ShardStartTimeout,
        TimeSpan ShardFailureBackoff,
        TimeSpan RebalanceInterval,
        int SnapshotAfter,
        int KeepNrOfBatches,
        int RebalanceThreshold,
        int MaxSimultaneousRebalance,
        int AbsoluteLimit,
        double RelativeLimit
    );
}
