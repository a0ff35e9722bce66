using System.Diagnostics;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Lets elements through at a bounded cost in time: a bucket of tokens, refilled evenly.</summary>
internal sealed class Throttle<T>(
    int cost,
    TimeSpan per,
    int maximumBurst,
    Func<T, int> costCalculation,
    ThrottleMode mode
) : LinearStage<T, T>
{
    private readonly int _maximumBurst = maximumBurst;
    private readonly Func<T, int> _costCalculation = costCalculation;
    private readonly ThrottleMode _mode = mode;
    private readonly double _ticksPerToken = per.TotalSeconds * Stopwatch.Frequency / cost;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(Throttle<T> stage) : LinearTimerLogic<T, T>(stage)
    {
        private readonly Throttle<T> _stage = stage;
        private readonly double _capacity = Math.Max(1, stage._maximumBurst);
        private double _tokens = stage._maximumBurst;
        private long _filled = Stopwatch.GetTimestamp();
        private bool _isHolding;
        private T _held = default!;

        public override void OnPush()
        {
            var element = Grab(In);
            var cost = _stage._costCalculation(element);
            Fill();
            // Without a burst the first element may go at once; what it costs delays the next.
            if (_tokens >= cost || (_stage._maximumBurst == 0 && _tokens >= 0))
            {
                _tokens -= cost;
                Push(Out, element);
                return;
            }
            if (_stage._mode == ThrottleMode.Enforcing)
                throw new OverflowException("Maximum throttle throughput exceeded.");
            var wait = (_stage._maximumBurst == 0 ? -_tokens : cost - _tokens) * _stage._ticksPerToken;
            _tokens -= cost;
            (_held, _isHolding) = (element, true);
            ScheduleOnce(TimerKey, TimeSpan.FromSeconds(wait / Stopwatch.Frequency));
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

        private void Fill()
        {
            var now = Stopwatch.GetTimestamp();
            var limit = _stage._maximumBurst == 0 ? 0 : _capacity;
            _tokens = Math.Min(limit, _tokens + ((now - _filled) / _stage._ticksPerToken));
            _filled = now;
        }
    }
}
