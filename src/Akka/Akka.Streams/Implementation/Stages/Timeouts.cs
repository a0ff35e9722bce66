using System.Diagnostics;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Which silence a timeout stage takes offence at.</summary>
internal enum TimeoutKind
{
    /// <summary>No first element.</summary>
    Initial,

    /// <summary>No completion.</summary>
    Completion,

    /// <summary>No element for some time.</summary>
    Idle,

    /// <summary>No demand for some time after an element.</summary>
    Backpressure,
}

/// <summary>Fails the stream with a TimeoutException when what it waits for does not happen in time.</summary>
internal sealed class Timeout<T>(TimeSpan timeout, TimeoutKind kind) : LinearStage<T, T>
{
    private readonly TimeSpan _timeout = timeout;
    private readonly TimeoutKind _kind = kind;

    /// <summary>How often deadlines are looked at: an eighth of the timeout, between 10 ms and 100 ms.</summary>
    public static TimeSpan CheckInterval(TimeSpan timeout) =>
        TimeSpan.FromMilliseconds(Math.Clamp(timeout.TotalMilliseconds / 8, 10, 100));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(Timeout<T> stage) : LinearTimerLogic<T, T>(stage)
    {
        private readonly Timeout<T> _stage = stage;
        private long _since = Stopwatch.GetTimestamp();
        private bool _isSatisfied;

        private bool HasOneDeadline => _stage._kind is TimeoutKind.Initial or TimeoutKind.Completion;

        public override void PreStart()
        {
            _since = Stopwatch.GetTimestamp();
            if (HasOneDeadline)
                ScheduleOnce(TimerKey, _stage._timeout);
            else
                ScheduleRepeatedly(TimerKey, CheckInterval(_stage._timeout));
        }

        public override void OnPush()
        {
            if (_stage._kind == TimeoutKind.Initial)
                _isSatisfied = true;
            else if (_stage._kind != TimeoutKind.Completion)
                _since = Stopwatch.GetTimestamp();
            if (_stage._kind == TimeoutKind.Backpressure)
                _isSatisfied = false;
            Push(Out, Grab(In));
        }

        public override void OnPull()
        {
            if (_stage._kind == TimeoutKind.Backpressure)
                _isSatisfied = true;
            Pull(In);
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (_isSatisfied || (!HasOneDeadline && Stopwatch.GetElapsedTime(_since) < _stage._timeout))
                return;
            FailStage(
                new TimeoutException(
                    _stage._kind switch
                    {
                        TimeoutKind.Initial => $"The first element has not yet passed through in {_stage._timeout}.",
                        TimeoutKind.Completion => $"The stream has not been completed in {_stage._timeout}.",
                        TimeoutKind.Idle => $"No elements passed in the last {_stage._timeout}.",
                        _ => $"No demand signalled in the last {_stage._timeout}.",
                    }
                )
            );
        }
    }
}

/// <summary>Fails both directions when nothing moves in either for some time.</summary>
internal sealed class IdleTimeoutBidi<TIn, TOut> : GraphStage<BidiShape<TIn, TIn, TOut, TOut>>
{
    private readonly TimeSpan _timeout;
    private readonly Inlet<TIn> _in1 = new("IdleTimeoutBidi.in1");
    private readonly Outlet<TIn> _out1 = new("IdleTimeoutBidi.out1");
    private readonly Inlet<TOut> _in2 = new("IdleTimeoutBidi.in2");
    private readonly Outlet<TOut> _out2 = new("IdleTimeoutBidi.out2");

    public IdleTimeoutBidi(TimeSpan timeout)
    {
        _timeout = timeout;
        Shape = new BidiShape<TIn, TIn, TOut, TOut>(_in1, _out1, _in2, _out2);
    }

    public override BidiShape<TIn, TIn, TOut, TOut> Shape { get; }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : TimerGraphStageLogic
    {
        private readonly IdleTimeoutBidi<TIn, TOut> _stage;
        private long _since = Stopwatch.GetTimestamp();

        public Logic(IdleTimeoutBidi<TIn, TOut> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            Connect(stage._in1, stage._out1);
            Connect(stage._in2, stage._out2);
        }

        public override void PreStart() => ScheduleRepeatedly("idle", Timeout<TIn>.CheckInterval(_stage._timeout));

        protected internal override void OnTimer(object timerKey)
        {
            if (Stopwatch.GetElapsedTime(_since) >= _stage._timeout)
                FailStage(new TimeoutException($"No elements passed in the last {_stage._timeout}."));
        }

        private void Connect<T>(Inlet<T> from, Outlet<T> to)
        {
            SetHandler(
                from,
                onPush: () =>
                {
                    _since = Stopwatch.GetTimestamp();
                    Push(to, Grab(from));
                },
                onUpstreamFinish: () => Complete(to)
            );
            SetHandler(to, onPull: () => Pull(from), onDownstreamFinish: cause => Cancel(from, cause));
        }
    }
}

/// <summary>Emits an element of its own when none has come for some time.</summary>
internal sealed class IdleInject<TIn, TOut>(TimeSpan timeout, Func<TOut> inject) : LinearStage<TIn, TOut>
    where TIn : TOut
{
    private readonly TimeSpan _timeout = timeout;
    private readonly Func<TOut> _inject = inject;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(IdleInject<TIn, TOut> stage) : LinearTimerLogic<TIn, TOut>(stage)
    {
        private readonly IdleInject<TIn, TOut> _stage = stage;
        private long _since = Stopwatch.GetTimestamp();

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            CancelTimer(TimerKey);
            if (IsAvailable(Out))
                PushNext();
        }

        public override void OnPull()
        {
            if (IsAvailable(In))
            {
                PushNext();
                if (IsClosed(In))
                    CompleteStage();
                return;
            }
            ScheduleOnce(TimerKey, Left());
        }

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(In))
                CompleteStage();
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (Left() > TimeSpan.FromMilliseconds(1))
            {
                ScheduleOnce(TimerKey, Left());
                return;
            }
            if (!IsAvailable(Out))
                return;
            _since = Stopwatch.GetTimestamp();
            Push(Out, _stage._inject());
        }

        private TimeSpan Left()
        {
            var left = _stage._timeout - Stopwatch.GetElapsedTime(_since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }

        private void PushNext()
        {
            _since = Stopwatch.GetTimestamp();
            Push(Out, Grab(In));
            TryPull(In);
        }
    }
}

/// <summary>Holds the first element back for some time.</summary>
internal sealed class InitialDelay<T>(TimeSpan delay) : LinearStage<T, T>
{
    private readonly TimeSpan _delay = delay;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic(InitialDelay<T> stage) : LinearTimerLogic<T, T>(stage)
    {
        private readonly InitialDelay<T> _stage = stage;
        private bool _isOpen;

        public override void PreStart() => ScheduleOnce(TimerKey, _stage._delay);

        public override void OnPush() => Push(Out, Grab(In));

        public override void OnPull()
        {
            if (_isOpen)
                Pull(In);
        }

        protected internal override void OnTimer(object timerKey)
        {
            _isOpen = true;
            if (IsAvailable(Out))
                Pull(In);
        }
    }
}
