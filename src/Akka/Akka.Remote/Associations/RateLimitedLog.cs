using System.Diagnostics;
using Akka.Event;

namespace Akka.Remote.Associations;

/// <summary>Lines that a peer can bring about: at most one a second, with how many were left out before it.</summary>
internal sealed class RateLimitedLog(ILoggingAdapter log)
{
    private static readonly long PauseTicks = Stopwatch.Frequency;

    private long _next;
    private int _leftOut;

    public void Write(LogLevel level, string line)
    {
        var now = Stopwatch.GetTimestamp();
        var next = Interlocked.Read(ref _next);
        if (now < next || Interlocked.CompareExchange(ref _next, now + PauseTicks, next) != next)
        {
            Interlocked.Increment(ref _leftOut);
            return;
        }
        var leftOut = Interlocked.Exchange(ref _leftOut, 0);
        log.Log(level, null, leftOut == 0 ? line : $"{line} ({leftOut} more like this before it)");
    }
}
