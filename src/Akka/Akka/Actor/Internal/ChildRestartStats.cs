using System.Diagnostics;

namespace Akka.Actor.Internal;

/// <summary>A child and how often it was restarted.</summary>
public class ChildRestartStats
{
    private long _windowStart;
    private int _retries;

    internal ChildRestartStats(IInternalActorRef child) => Child = child;

    /// <summary>The child.</summary>
    public IInternalActorRef Child { get; }

    /// <summary>Its incarnation.</summary>
    public long Uid => Child.Path.Uid;

    /// <summary>
    /// True when the child may be restarted once more: negative or absent limits allow it, 0 retries never; a window of
    /// 0 or less milliseconds counts all restarts, otherwise those since the window began.
    /// </summary>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0)
            return false;
        if (withinTimeMilliseconds <= 0)
            return maxNrOfRetries < 0 || ++_retries <= maxNrOfRetries;

        var limit = maxNrOfRetries < 0 ? 1 : maxNrOfRetries;
        var now = Stopwatch.GetTimestamp();
        if (_windowStart == 0)
            _windowStart = now;
        if (Stopwatch.GetElapsedTime(_windowStart, now).TotalMilliseconds <= withinTimeMilliseconds)
            return ++_retries <= limit;
        _windowStart = now;
        _retries = 1;
        return true;
    }
}
