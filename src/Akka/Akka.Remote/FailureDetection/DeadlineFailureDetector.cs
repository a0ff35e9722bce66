using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Suspects a resource when it was silent for heartbeat interval and acceptable pause together.</summary>
public class DeadlineFailureDetector : FailureDetector
{
    private const long Never = long.MinValue;

    private readonly long _deadlineMs;
    private readonly Clock _clock;
    private long _latest = Never;

    /// <summary>A detector that waits for <paramref name="acceptableHeartbeatPause"/>; above zero.</summary>
    /// <exception cref="ArgumentException">It is not above zero.</exception>
    public DeadlineFailureDetector(TimeSpan acceptableHeartbeatPause, Clock? clock = null)
        : this(acceptableHeartbeatPause, TimeSpan.Zero, clock)
    {
        if (acceptableHeartbeatPause <= TimeSpan.Zero)
            throw new ArgumentException("acceptable-heartbeat-pause must be > 0", nameof(acceptableHeartbeatPause));
    }

    /// <summary>A detector that waits for <paramref name="heartbeatInterval"/> and <paramref name="acceptableHeartbeatPause"/> together.</summary>
    /// <exception cref="ArgumentException">One is below zero, or both are zero.</exception>
    public DeadlineFailureDetector(TimeSpan acceptableHeartbeatPause, TimeSpan heartbeatInterval, Clock? clock = null)
    {
        if (acceptableHeartbeatPause < TimeSpan.Zero)
            throw new ArgumentException("acceptable-heartbeat-pause must be >= 0", nameof(acceptableHeartbeatPause));
        if (heartbeatInterval < TimeSpan.Zero)
            throw new ArgumentException("heartbeat-interval must be >= 0", nameof(heartbeatInterval));
        _deadlineMs = (long)(acceptableHeartbeatPause + heartbeatInterval).TotalMilliseconds;
        if (_deadlineMs == 0)
            throw new ArgumentException("acceptable-heartbeat-pause must be > 0", nameof(acceptableHeartbeatPause));
        _clock = clock ?? DefaultClock;
    }

    /// <summary>A detector with <c>acceptable-heartbeat-pause</c> and <c>heartbeat-interval</c> of a section.</summary>
    public DeadlineFailureDetector(Config config, EventStream ev)
        : this(config.GetTimeSpan("acceptable-heartbeat-pause"), config.GetTimeSpan("heartbeat-interval")) => _ = ev;

    /// <inheritdoc/>
    public override bool IsAvailable =>
        Interlocked.Read(ref _latest) is var latest && (latest == Never || latest + _deadlineMs > _clock());

    /// <inheritdoc/>
    public override bool IsMonitoring => Interlocked.Read(ref _latest) != Never;

    /// <inheritdoc/>
    public override void HeartBeat() => Interlocked.Exchange(ref _latest, _clock());
}
