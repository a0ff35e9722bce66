namespace Hatchery.Benchmarks;

/// <summary>How long machines waited for what they asked in some span of time, wherever its answer came. Thread-safe.</summary>
internal sealed class Waiting
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _requests = [];
    private readonly List<TimeSpan> _flushes = [];
    private int _open;
    private bool _isOver;

    /// <summary>False when the span of time is over, and another one has begun.</summary>
    public bool TryBegin()
    {
        lock (_gate)
        {
            if (!_isOver)
                _open++;
            return !_isOver;
        }
    }

    public void End(TimeSpan took, bool isFlush)
    {
        lock (_gate)
        {
            (isFlush ? _flushes : _requests).Add(took);
            _open--;
        }
    }

    /// <summary>Ends the span of time; done when everything that was asked in it has been answered.</summary>
    public async Task<Waited> AnsweredAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                _isOver = true;
                if (_open == 0)
                    return new(Percentiles.Of(_requests), Percentiles.Of(_flushes));
            }
            await Task.Delay(10);
        }
    }
}

internal sealed record Waited(Percentiles Requests, Percentiles Flushes)
{
    public Waited And(Waited other) => new(Requests.And(other.Requests), Flushes.And(other.Flushes));
}

internal sealed record Percentiles(int Count, TimeSpan Median, TimeSpan AlmostAll, TimeSpan Longest)
{
    public static Percentiles Of(List<TimeSpan> times)
    {
        times.Sort();
        return times.Count == 0
            ? new(0, default, default, default)
            : new(times.Count, times[times.Count / 2], times[(int)(times.Count * 0.999)], times[^1]);
    }

    /// <summary>The worse of both.</summary>
    public Percentiles And(Percentiles other) =>
        new(
            Count + other.Count,
            Max(Median, other.Median),
            Max(AlmostAll, other.AlmostAll),
            Max(Longest, other.Longest)
        );

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    public override string ToString() =>
        FormattableString.Invariant(
            $"{Median.TotalMilliseconds, 7:0.00} {AlmostAll.TotalMilliseconds, 7:0.0} {Longest.TotalMilliseconds, 7:0.0}"
        );
}
