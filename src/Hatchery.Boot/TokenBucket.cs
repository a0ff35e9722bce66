namespace Hatchery.Boot;

/// <summary>So many for good, and so many at once after a quiet time. Not thread-safe.</summary>
internal sealed class TokenBucket(int perSecond, int most, TimeProvider time)
{
    private double _tokens = most;
    private long _filledAt = time.GetTimestamp();

    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(most, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
        _filledAt = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
