using System.Diagnostics;

namespace Akka.Remote;

/// <summary>A monotonic clock in milliseconds; only differences mean something.</summary>
public delegate long Clock();

/// <summary>Judges from heartbeats whether one resource can be reached.</summary>
public abstract class FailureDetector
{
    /// <summary>The clock of the machine.</summary>
    public static readonly Clock DefaultClock = () => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    /// <summary>True while the resource is thought to be there, also before its first heartbeat.</summary>
    public abstract bool IsAvailable { get; }

    /// <summary>True once there was a heartbeat.</summary>
    public abstract bool IsMonitoring { get; }

    /// <summary>Takes note of a heartbeat that came now.</summary>
    public abstract void HeartBeat();
}
