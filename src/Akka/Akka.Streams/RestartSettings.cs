namespace Akka.Streams;

/// <summary>How long to wait before a stream is started again, and how often.</summary>
public sealed class RestartSettings
{
    private RestartSettings(
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor,
        int maxRestarts,
        TimeSpan maxRestartsWithin
    )
    {
        MinBackoff = minBackoff;
        MaxBackoff = maxBackoff;
        RandomFactor = randomFactor;
        MaxRestarts = maxRestarts;
        MaxRestartsWithin = maxRestartsWithin;
    }

    /// <summary>The wait before the first restart.</summary>
    public TimeSpan MinBackoff { get; }

    /// <summary>Waits double up to this.</summary>
    public TimeSpan MaxBackoff { get; }

    /// <summary>The share of random time added to a wait; 0.2 adds up to 20 %.</summary>
    public double RandomFactor { get; }

    /// <summary>Restarts in a row within <see cref="MaxRestartsWithin"/> before giving up.</summary>
    public int MaxRestarts { get; }

    /// <summary>A run that lasts longer than this starts the count anew.</summary>
    public TimeSpan MaxRestartsWithin { get; }

    /// <summary>Settings without a limit on the number of restarts.</summary>
    public static RestartSettings Create(TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new(minBackoff, maxBackoff, randomFactor, int.MaxValue, minBackoff);

    public RestartSettings WithMinBackoff(TimeSpan value) =>
        new(value, MaxBackoff, RandomFactor, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithMaxBackoff(TimeSpan value) =>
        new(MinBackoff, value, RandomFactor, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithRandomFactor(double value) =>
        new(MinBackoff, MaxBackoff, value, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithMaxRestarts(int count, TimeSpan within) =>
        new(MinBackoff, MaxBackoff, RandomFactor, count, within);

    /// <summary>The wait before the restart after <paramref name="restarts"/> of them.</summary>
    internal TimeSpan Wait(int restarts, Random random)
    {
        var factor = 1 + (random.NextDouble() * RandomFactor);
        var doubled = restarts >= 30 ? MaxBackoff : MinBackoff * Math.Pow(2, restarts);
        return (doubled < MaxBackoff ? doubled : MaxBackoff) * factor;
    }
}
