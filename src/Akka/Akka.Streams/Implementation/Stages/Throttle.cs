using System.Diagnostics;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// Lets elements through at a bounded cost in time: a bucket that tokens drip into, one by one, up to the burst. Without a
/// burst every element waits for its own tokens.
/// </summary>
internal sealed class Throttle<T> : LinearStage<T, T>
{
    private readonly int _maximumBurst;
    private readonly Func<T, int> _costCalculation;
    private readonly ThrottleMode _mode;
    private readonly long _ticksPerToken;

    public Throttle(int cost, TimeSpan per, int maximumBurst, Func<T, int> costCalculation, ThrottleMode mode)
    {
        Require(cost > 0, "cost must be > 0", nameof(cost));
        Require(per > TimeSpan.Zero, "per time must be > 0", nameof(per));
        Require(per.Ticks >= cost, "Rates larger than 1 unit per tick are not supported", nameof(cost));
        Require(maximumBurst >= 0, "burst must be >= 0", nameof(maximumBurst));
        Require(
            mode != ThrottleMode.Enforcing || maximumBurst > 0,
            "maximumBurst must be > 0 in Enforcing mode",
            nameof(maximumBurst)
        );
        _maximumBurst = maximumBurst;
        _costCalculation = costCalculation;
        _mode = mode;
        _ticksPerToken = Math.Max(1, (long)(per.TotalSeconds * Stopwatch.Frequency / cost));
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes.Decider());

    private static void Require(bool holds, string message, string parameter)
    {
        if (!holds)
            throw new ArgumentException(message, parameter);
    }

    private sealed class Logic(Throttle<T> stage, Supervision.Decider decider) : LinearTimerLogic<T, T>(stage)
    {
        private readonly Throttle<T> _stage = stage;
        private long _tokens = stage._maximumBurst;

        /// <summary>When the last token dripped in; in the future while tokens are owed.</summary>
        private long _lastToken = Stopwatch.GetTimestamp();
        private bool _isHolding;
        private T _held = default!;

        public override void PreStart() => _lastToken = Stopwatch.GetTimestamp();

        public override void OnPush()
        {
            var element = Grab(In);
            int cost;
            try
            {
                cost = _stage._costCalculation(element);
                if (cost < 0)
                    throw new ArgumentException("Cost must be non-negative");
            }
            catch (Exception error) when (decider(error) != Supervision.Directive.Stop)
            {
                Pull(In);
                return;
            }
            var wait = Take(cost);
            if (wait == 0)
            {
                Push(Out, element);
                return;
            }
            if (_stage._mode == ThrottleMode.Enforcing)
                throw new OverflowException("Maximum throttle throughput exceeded.");
            (_held, _isHolding) = (element, true);
            ScheduleOnce(TimerKey, TimeSpan.FromSeconds((double)wait / Stopwatch.Frequency));
        }

        public override void OnPull() => Pull(In);

        public override void OnUpstreamFinish()
        {
            if (!_isHolding)
                CompleteStage();
        }

        protected internal override void OnTimer(object timerKey)
        {
            _isHolding = false;
            Push(Out, _held);
            _held = default!;
            if (IsClosed(In))
                CompleteStage();
        }

        /// <summary>Takes tokens; returns how long, in stopwatch ticks, until those that are missing have come.</summary>
        private long Take(int cost)
        {
            var now = Stopwatch.GetTimestamp();
            var arrived = Math.Max(0, (now - _lastToken) / _stage._ticksPerToken);
            _lastToken += arrived * _stage._ticksPerToken;
            _tokens = Math.Min(_stage._maximumBurst, _tokens + arrived);
            if (cost <= _tokens)
            {
                _tokens -= cost;
                return 0;
            }
            var due = _lastToken + ((cost - _tokens) * _stage._ticksPerToken);
            (_tokens, _lastToken) = (0, Math.Max(now, due));
            return Math.Max(0, due - now);
        }
    }
}
