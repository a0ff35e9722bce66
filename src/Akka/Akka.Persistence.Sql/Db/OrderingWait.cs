namespace Akka.Persistence.Sql.Db;

/// <summary>What a reader of orderings remembers between looks: the number it waits for and the writers it waits on.</summary>
internal sealed class OrderingWait(TimeSpan patience)
{
    private long _started;

    /// <summary>The highest number that was visible when the wait began; 0 when there is none.</summary>
    public long Goal { get; private set; }

    /// <summary>The transactions that were writing then.</summary>
    public HashSet<string> Writers { get; } = new(StringComparer.Ordinal);

    public bool IsWaiting => Writers.Count > 0;

    /// <summary>A writer that takes longer than this is not waited for any more.</summary>
    public bool IsExhausted => TimeProvider.System.GetElapsedTime(_started) > patience;

    public void Begin(long goal, IEnumerable<string> writers)
    {
        Goal = goal;
        _started = TimeProvider.System.GetTimestamp();
        Writers.Clear();
        Writers.UnionWith(writers);
    }
}
