using System.Diagnostics;

namespace Akka.Cluster.Daemon;

/// <summary>The monotonic time of this process.</summary>
internal static class ClusterClock
{
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);
}
