using System.Diagnostics;
using Akka.Event;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Runs a graph inside a stage and, when it ends, waits and runs a new one.</summary>
internal abstract class RestartLogic(Shape shape, RestartSettings settings) : TimerGraphStageLogic(shape)
{
    private const string RestartTimer = "restart";

    private readonly Random _jitter = new();
    private int _restarts;
    private long _startedAt;

    public override void PreStart() => Begin();

    /// <summary>True once downstream has cancelled: nothing is restarted any more.</summary>
    protected bool IsFinishing { get; private set; }

    protected internal override void OnTimer(object timerKey)
    {
        if (RestartTimer.Equals(timerKey))
            Begin();
    }

    /// <summary>Runs the graph.</summary>
    protected abstract void Start();

    /// <summary>The graph has ended: restarts after a wait; false when that has happened too often.</summary>
    protected bool TryRestart(Exception? cause)
    {
        if (Stopwatch.GetElapsedTime(_startedAt) > settings.MaxRestartsWithin)
            _restarts = 0;
        if (_restarts >= settings.MaxRestarts)
            return false;
        var wait = settings.Wait(_restarts, _jitter);
        _restarts++;
        if (cause is not null)
            Log.Warning(cause, "Restarting graph in {0}: {1}", wait, cause.Message);
        ScheduleOnce(RestartTimer, wait);
        return true;
    }

    protected SubSinkInlet<T> InletTo<T>(Outlet<T> outlet, Action<Exception?> ended)
    {
        var inlet = CreateSubSinkInlet<T>("Restart");
        inlet.SetHandler(
            new LambdaInHandler(
                () =>
                {
                    if (IsAvailable(outlet))
                        Push(outlet, inlet.Grab());
                },
                () => ended(null),
                error => ended(error)
            )
        );
        SetHandler(
            outlet,
            onPull: () =>
            {
                if (!inlet.IsClosed && !inlet.HasBeenPulled)
                    inlet.Pull();
            },
            onDownstreamFinish: cause =>
            {
                // The stage ends when its other port does, if it has one.
                IsFinishing = true;
                inlet.Cancel(cause);
            }
        );
        if (IsAvailable(outlet))
            inlet.Pull();
        return inlet;
    }

    protected SubSourceOutlet<T> OutletFrom<T>(Inlet<T> inlet, Action<Exception> cancelled)
    {
        var outlet = new SubSourceOutlet<T>(this, "Restart");
        SetHandler(
            inlet,
            onPush: () =>
            {
                if (outlet.IsAvailable)
                    outlet.Push(Grab(inlet));
            },
            onUpstreamFinish: () =>
            {
                if (!IsAvailable(inlet))
                    outlet.Complete();
            },
            onUpstreamFailure: outlet.Fail
        );
        outlet.SetHandler(
            new LambdaOutHandler(
                () =>
                {
                    if (IsAvailable(inlet))
                    {
                        outlet.Push(Grab(inlet));
                        if (IsClosed(inlet))
                            outlet.Complete();
                    }
                    else
                    {
                        TryPull(inlet);
                    }
                },
                cancelled
            )
        );
        return outlet;
    }

    private void Begin()
    {
        _startedAt = Stopwatch.GetTimestamp();
        Start();
    }
}

/// <summary>A source that is made again when it ends.</summary>
internal sealed class RestartedSource<T, TMat>(
    Func<Source<T, TMat>> factory,
    RestartSettings settings,
    bool onlyOnFailures
) : SourceStage<T, NotUsed>
{
    protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
        (new Logic(this, factory, settings, onlyOnFailures), NotUsed.Instance);

    private sealed class Logic : RestartLogic
    {
        private readonly RestartedSource<T, TMat> _stage;
        private readonly Func<Source<T, TMat>> _factory;
        private readonly bool _onlyOnFailures;

        public Logic(
            RestartedSource<T, TMat> stage,
            Func<Source<T, TMat>> factory,
            RestartSettings settings,
            bool onlyOnFailures
        )
            : base(stage.Shape, settings)
        {
            _stage = stage;
            _factory = factory;
            _onlyOnFailures = onlyOnFailures;
            SetHandler(stage.Out, EagerTerminateOutput);
        }

        protected override void Start()
        {
            var inlet = InletTo(_stage.Out, Ended);
            SubFusingMaterializer.Materialize(_factory().To(inlet.Sink), StageAttributes);
        }

        private void Ended(Exception? error)
        {
            if (error is null && _onlyOnFailures)
                CompleteStage();
            else if (TryRestart(error))
                SetHandler(_stage.Out, EagerTerminateOutput);
            else if (error is null)
                CompleteStage();
            else
                FailStage(error);
        }
    }
}

/// <summary>A sink that is made again when it cancels.</summary>
internal sealed class RestartedSink<T, TMat>(Func<Sink<T, TMat>> factory, RestartSettings settings)
    : SinkStage<T, NotUsed>
{
    protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
        (new Logic(this, factory, settings), NotUsed.Instance);

    private sealed class Logic : RestartLogic
    {
        private readonly RestartedSink<T, TMat> _stage;
        private readonly Func<Sink<T, TMat>> _factory;

        public Logic(RestartedSink<T, TMat> stage, Func<Sink<T, TMat>> factory, RestartSettings settings)
            : base(stage.Shape, settings)
        {
            _stage = stage;
            _factory = factory;
            SetHandler(stage.In, EagerTerminateInput);
        }

        protected override void Start()
        {
            var outlet = OutletFrom(_stage.In, Cancelled);
            SubFusingMaterializer.Materialize(outlet.Source.To(_factory()), StageAttributes);
        }

        private void Cancelled(Exception cause)
        {
            if (TryRestart(cause is SubscriptionWithCancelException.NonFailureCancellation ? null : cause))
                SetHandler(_stage.In, EagerTerminateInput);
            else
                CancelStage(cause);
        }
    }
}

/// <summary>A flow that is made again when it ends.</summary>
internal sealed class RestartedFlow<TIn, TOut, TMat>(
    Func<Flow<TIn, TOut, TMat>> factory,
    RestartSettings settings,
    bool onlyOnFailures
) : LinearStage<TIn, TOut>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, factory, settings, onlyOnFailures);

    private sealed class Logic : RestartLogic
    {
        private const string CancelledTimer = "cancelled";
        private static readonly TimeSpan CancellationDelay = TimeSpan.FromMilliseconds(50);

        private readonly RestartedFlow<TIn, TOut, TMat> _stage;
        private readonly Func<Flow<TIn, TOut, TMat>> _factory;
        private readonly bool _onlyOnFailures;
        private SubSourceOutlet<TIn>? _toFlow;
        private SubSinkInlet<TOut>? _fromFlow;
        private Exception? _cancellation;

        public Logic(
            RestartedFlow<TIn, TOut, TMat> stage,
            Func<Flow<TIn, TOut, TMat>> factory,
            RestartSettings settings,
            bool onlyOnFailures
        )
            : base(stage.Shape, settings)
        {
            _stage = stage;
            _factory = factory;
            _onlyOnFailures = onlyOnFailures;
            SetHandler(stage.In, EagerTerminateInput);
            SetHandler(stage.Out, EagerTerminateOutput);
        }

        protected override void Start()
        {
            _cancellation = null;
            var outlet = _toFlow = OutletFrom(_stage.In, Cancelled);
            var inlet = _fromFlow = InletTo(_stage.Out, Ended);
            SubFusingMaterializer.Materialize(outlet.Source.Via(_factory()).To(inlet.Sink), StageAttributes);
        }

        /// <summary>A flow that fails cancels too: its failure, which says more, has some time to arrive.</summary>
        private void Cancelled(Exception cause)
        {
            _cancellation = cause;
            if (IsFinishing)
                Cancel(_stage.In, cause);
            else
                ScheduleOnce(CancelledTimer, CancellationDelay);
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (CancelledTimer.Equals(timerKey))
                Ended(Failure());
            else
                base.OnTimer(timerKey);
        }

        private void Ended(Exception? error)
        {
            CancelTimer(CancelledTimer);
            // A flow can end at one side only; the other has no one to talk to any more.
            _toFlow!.Complete();
            _fromFlow!.Cancel();
            var isOver = IsClosed(_stage.In) && !IsAvailable(_stage.In);
            if (isOver || (error is null && _onlyOnFailures) || !TryRestart(error ?? Failure()))
            {
                if (error is null)
                    CompleteStage();
                else
                    FailStage(error);
                return;
            }
            SetHandler(_stage.In, onPush: DoNothing, onUpstreamFinish: EndUnlessWaiting);
            SetHandler(_stage.Out, EagerTerminateOutput);
        }

        /// <summary>Upstream has completed during the wait: only an element that has arrived is worth a restart.</summary>
        private void EndUnlessWaiting()
        {
            if (!IsAvailable(_stage.In))
                CompleteStage();
        }

        private Exception? Failure() =>
            _cancellation is SubscriptionWithCancelException.NonFailureCancellation ? null : _cancellation;
    }
}
