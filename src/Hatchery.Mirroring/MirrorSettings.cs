namespace Hatchery.Mirroring;

/// <summary>What the cores of streamer, member and opening are told; the keys stand below <c>hatchery.mirroring</c>.</summary>
public sealed record MirrorSettings
{
    public static MirrorSettings Default { get; } = new();

    /// <summary>Servers that hold a whole write cache, the streamer among them. 1: no mirror.</summary>
    public int Copies { get; init; } = 2;

    /// <summary>Bytes that are on their way to members; with more the streamer takes no further writes.</summary>
    public long WindowBytes { get; init; } = 8 << 20;

    /// <summary>Bytes that a server that joins may be behind with what is written meanwhile; with more its join is given up.</summary>
    public long JoinWindowBytes { get; init; } = 64 << 20;

    /// <summary>A member that does not say for so long that it is there is removed, or one that has had no connection for so long.</summary>
    public TimeSpan MemberTimeout { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>A member that is there, and yet leaves a write or a sync unanswered for longer, is removed: its disk is too slow.</summary>
    public TimeSpan WorkTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a server that joins may need for one step, while no write waits for it.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a member is asked whether it is there.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Between two attempts at the farm database.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two attempts at a further member.</summary>
    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Further members that this server copies write caches to at once; more wait for their turn.</summary>
    public int JoinsMax { get; init; } = 16;

    /// <summary>What is read for copies that no machine waits for, in all; 0: as fast as it goes.</summary>
    public long KeptBytesPerSecond { get; init; } = 50 << 20;

    /// <summary>How long an opening waits for members that do not answer.</summary>
    public TimeSpan PromiseTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an opening may take in all; then the login is told to try again.</summary>
    public TimeSpan OpeningTimeout { get; init; } = TimeSpan.FromSeconds(7);
}
