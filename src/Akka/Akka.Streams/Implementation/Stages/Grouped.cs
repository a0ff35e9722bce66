using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits elements in groups; the last one may be smaller.</summary>
internal sealed class Grouped<T>(int count) : LinearStage<T, IEnumerable<T>>
{
    private readonly int _count =
        count > 0 ? count : throw new ArgumentException("A group needs room for one element", nameof(count));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Grouped<T> _stage;
        private List<T> _group = [];

        public Logic(Grouped<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush()
        {
            _group.Add(Grab(_stage.In));
            if (_group.Count < _stage._count)
            {
                Pull(_stage.In);
                return;
            }
            var full = _group;
            _group = [];
            Push(_stage.Out, full);
        }

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFinish()
        {
            // A group has begun, so the pull that began it is still to be answered.
            if (_group.Count > 0)
                Push(_stage.Out, _group);
            CompleteStage();
        }
    }
}

/// <summary>Emits a group when it is full, or when the time is up and it is not empty.</summary>
internal sealed class GroupedWeightedWithin<T>(long maxWeight, int maxCount, Func<T, long> cost, TimeSpan interval)
    : LinearStage<T, IEnumerable<T>>
{
    private readonly long _maxWeight =
        maxWeight > 0
            ? maxWeight
            : throw new ArgumentException("A group needs room for some weight", nameof(maxWeight));
    private readonly int _maxCount =
        maxCount > 0 ? maxCount : throw new ArgumentException("A group needs room for one element", nameof(maxCount));
    private readonly Func<T, long> _cost = cost;
    private readonly TimeSpan _interval =
        interval > TimeSpan.Zero
            ? interval
            : throw new ArgumentException("The time of a group is above zero", nameof(interval));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(GroupedWeightedWithin<T> stage) : LinearTimerLogic<T, IEnumerable<T>>(stage)
    {
        private readonly GroupedWeightedWithin<T> _stage = stage;
        private List<T> _group = [];
        private long _weight;
        private bool _hasPending;
        private T _pending = default!;
        private long _pendingWeight;
        private bool _isFull;

        /// <summary>The time is up: the group goes as soon as it is asked for, and grows until then.</summary>
        private bool _isDue;

        public override void PreStart()
        {
            ScheduleRepeatedly(TimerKey, _stage._interval);
            Pull(In);
        }

        public override void OnPush()
        {
            var element = Grab(In);
            var weight = _stage._cost(element);
            if (weight < 0)
                throw new ArgumentException($"Negative weight [{weight}] for element [{element}] is not allowed");
            if (_group.Count > 0 && (weight > _stage._maxWeight - _weight || _group.Count >= _stage._maxCount))
            {
                (_pending, _pendingWeight, _hasPending, _isFull) = (element, weight, true, true);
            }
            else
            {
                Add(element, weight);
            }
            TryEmit();
            // Also a full group takes what weighs nothing, until it is asked for.
            if (!_hasPending)
                TryPull(In);
        }

        public override void OnPull() => TryEmit();

        public override void OnUpstreamFinish()
        {
            if (_group.Count == 0)
                CompleteStage();
            else
                Drain();
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (_group.Count == 0)
                return;
            _isDue = true;
            TryEmit();
        }

        private void Add(T element, long weight)
        {
            _group.Add(element);
            _weight += weight;
            _isFull |= _group.Count >= _stage._maxCount || _weight >= _stage._maxWeight;
        }

        private void TryEmit()
        {
            if ((!_isDue && !_isFull) || !IsAvailable(Out))
                return;
            Push(Out, TakeGroup());
            if (IsClosed(In))
            {
                if (_group.Count == 0)
                    CompleteStage();
                else
                    _isDue = true;
                return;
            }
            ScheduleRepeatedly(TimerKey, _stage._interval);
            if (!_hasPending)
                TryPull(In);
        }

        private List<T> TakeGroup()
        {
            var group = _group;
            (_group, _weight, _isDue, _isFull) = ([], 0, false, false);
            if (_hasPending)
            {
                _hasPending = false;
                Add(_pending, _pendingWeight);
                _pending = default!;
            }
            return group;
        }

        private void Drain()
        {
            _isDue = true;
            TryEmit();
        }
    }
}
