namespace Akka.Cluster.Sharding.Simulation;

/// <summary>What a run is like.</summary>
internal sealed record Options
{
    public int Nodes { get; init; } = 5;

    public int Shards { get; init; } = 12;

    public int EntitiesPerShard { get; init; } = 2;

    public bool Lease { get; init; } = true;

    public TimeSpan LeaseTimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one message is on its way.</summary>
    public (int Least, int Most) LatencyMs { get; init; } = (1, 40);

    /// <summary>Whether messages between two nodes keep their order; else only those between two actors do.</summary>
    public bool OrderPerNode { get; init; }

    /// <summary>One message in so many is lost between nodes; 0 for none.</summary>
    public int LossOneIn { get; init; }

    /// <summary>Whether some entities take longer to stop than a hand-off waits.</summary>
    public bool EntitiesHang { get; init; }

    /// <summary>How far apart in time the two sides of a partition act on it, in ms.</summary>
    public int DowningSkewMs { get; init; } = 8000;

    /// <summary>Whether the trace has every message of the protocol.</summary>
    public bool Verbose { get; init; }

    public int BufferSize { get; init; } = 1000;
}
