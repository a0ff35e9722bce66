using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>
/// Suspects a resource the more, the less likely it is, by the intervals seen so far, that a heartbeat still comes:
/// phi = -log10(probability that it comes later than now). Hayashibara et al., "The Phi Accrual Failure Detector", 2004.
/// </summary>
public class PhiAccrualFailureDetector : FailureDetector
{
    private readonly Lock _lock = new();
    private readonly double _threshold;
    private readonly int _maxSampleSize;
    private readonly double _minStdDeviationMs;
    private readonly long _acceptableHeartbeatPauseMs;
    private readonly long _firstHeartbeatEstimateMs;
    private readonly Clock _clock;
    private readonly EventStream? _eventStream;
    private HeartbeatHistory? _history;
    private long _latest;

    /// <summary>A detector with the numbers given.</summary>
    /// <param name="threshold">The phi from which on the resource is suspected; at least 0.</param>
    /// <param name="maxSampleSize">How many intervals are remembered; at least 1.</param>
    /// <param name="minStdDeviation">The least deviation to reckon with; above zero.</param>
    /// <param name="acceptableHeartbeatPause">A silence that is no ground for suspicion; at least zero.</param>
    /// <param name="firstHeartbeatEstimate">The interval assumed at first, with a deviation of a quarter of it; above zero.</param>
    /// <param name="clock">The time; the machine's when there is none.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public PhiAccrualFailureDetector(
        double threshold,
        int maxSampleSize,
        TimeSpan minStdDeviation,
        TimeSpan acceptableHeartbeatPause,
        TimeSpan firstHeartbeatEstimate,
        Clock? clock = null
    )
        : this(clock ?? DefaultClock)
    {
        _threshold = threshold;
        _maxSampleSize = maxSampleSize;
        _minStdDeviationMs = minStdDeviation.TotalMilliseconds;
        _acceptableHeartbeatPauseMs = (long)acceptableHeartbeatPause.TotalMilliseconds;
        _firstHeartbeatEstimateMs = (long)firstHeartbeatEstimate.TotalMilliseconds;
        Require(threshold >= 0, nameof(threshold), "must be >= 0");
        Require(maxSampleSize > 0, nameof(maxSampleSize), "must be > 0");
        Require(minStdDeviation > TimeSpan.Zero, nameof(minStdDeviation), "must be > 0");
        Require(acceptableHeartbeatPause >= TimeSpan.Zero, nameof(acceptableHeartbeatPause), "must be >= 0");
        Require(firstHeartbeatEstimate > TimeSpan.Zero, nameof(firstHeartbeatEstimate), "must be > 0");
    }

    /// <summary>A detector with <c>threshold</c>, <c>max-sample-size</c>, <c>min-std-deviation</c>, <c>acceptable-heartbeat-pause</c> and <c>heartbeat-interval</c> of a section.</summary>
    public PhiAccrualFailureDetector(Config config, EventStream ev)
        : this(
            config.GetDouble("threshold"),
            config.GetInt("max-sample-size"),
            config.GetTimeSpan("min-std-deviation"),
            config.GetTimeSpan("acceptable-heartbeat-pause"),
            config.GetTimeSpan("heartbeat-interval")
        ) => _eventStream = ev;

    /// <summary>For detectors that derive from this one.</summary>
    protected PhiAccrualFailureDetector(Clock clock) => _clock = clock;

    /// <summary>What is watched, for the log.</summary>
    public string Address { get; set; } = "N/A";

    /// <inheritdoc/>
    public override bool IsAvailable => CurrentPhi < _threshold;

    /// <inheritdoc/>
    public override bool IsMonitoring
    {
        get
        {
            lock (_lock)
                return _history is not null;
        }
    }

    internal double CurrentPhi
    {
        get
        {
            var now = _clock();
            lock (_lock)
                return PhiAt(now);
        }
    }

    /// <inheritdoc/>
    public override void HeartBeat()
    {
        var now = _clock();
        long interval = 0;
        lock (_lock)
        {
            if (_history is null)
            {
                _history = FirstHistory();
            }
            else
            {
                interval = now - _latest;
                // An interval that ended in suspicion says that the resource was away, not how it beats.
                if (PhiAt(now) < _threshold)
                    _history.Add(interval);
                else
                    interval = 0;
            }
            _latest = now;
        }
        if (_eventStream is not null && interval > 0 && interval >= _acceptableHeartbeatPauseMs / 3 * 2)
            _eventStream.Publish(
                new Warning(
                    ToString()!,
                    GetType(),
                    $"heartbeat interval is growing too large for address {Address}: {interval} millis"
                )
            );
    }

    /// <summary>The logistic approximation of the normal distribution's tail, as in the literature on this detector.</summary>
    internal static double Phi(double silenceMs, double mean, double stdDeviation)
    {
        var y = (silenceMs - mean) / stdDeviation;
        var e = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
        return silenceMs > mean ? -Math.Log10(e / (1.0 + e)) : -Math.Log10(1.0 - (1.0 / (1.0 + e)));
    }

    private double PhiAt(long now) =>
        _history is null
            ? 0
            : Phi(
                now - _latest,
                _history.Mean + _acceptableHeartbeatPauseMs,
                Math.Max(_history.StdDeviation, _minStdDeviationMs)
            );

    private HeartbeatHistory FirstHistory()
    {
        var deviation = _firstHeartbeatEstimateMs / 4;
        var history = new HeartbeatHistory(_maxSampleSize);
        history.Add(_firstHeartbeatEstimateMs - deviation);
        history.Add(_firstHeartbeatEstimateMs + deviation);
        return history;
    }

    private static void Require(bool holds, string name, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{name} {rule}", name);
    }
}
