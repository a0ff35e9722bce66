using Akka.Actor;
using Akka.Streams.Implementation.Fusing;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits the result of a task.</summary>
internal sealed class TaskLogic<T>(SourceShape<T> shape, Task<T> task) : SourceLogic<T>(shape)
{
    private bool _hasBeenPulled;

    public override void OnPull()
    {
        if (_hasBeenPulled)
            return;
        _hasBeenPulled = true;
        if (task.IsCompleted)
        {
            Done();
            return;
        }
        var done = GetAsyncCallback(Done);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(done);
    }

    private void Done()
    {
        if (task.IsCompletedSuccessfully)
            Emit(Out, task.Result, CompleteStage);
        else
            FailStage(task.Exception?.InnerException ?? new TaskCanceledException(task));
    }
}

/// <summary>Emits an element again and again, when there is demand; what it yields stops it.</summary>
internal sealed class TickSource<T>(TimeSpan initialDelay, TimeSpan interval, T tick) : SourceStage<T, ICancelable>
{
    private readonly TimeSpan _initialDelay = initialDelay;
    private readonly TimeSpan _interval = interval;
    private readonly T _tick = tick;

    protected override (GraphStageLogic Logic, ICancelable Value) Create(Attributes attributes)
    {
        var logic = new Logic(this);
        return (logic, new Cancelable(logic.Stopped));
    }

    private sealed class Logic : TimerGraphStageLogic, IOutHandler
    {
        private readonly TickSource<T> _stage;

        public Logic(TickSource<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            Stopped = new CancellationTokenSource();
            Stopped.Token.UnsafeRegister(static stop => ((Action)stop!)(), GetAsyncCallback(CompleteStage));
            SetHandler(stage.Out, (IOutHandler)this);
        }

        public CancellationTokenSource Stopped { get; }

        public override void PreStart()
        {
            if (Stopped.IsCancellationRequested)
                CompleteStage();
            else
                ScheduleRepeatedly("tick", _stage._initialDelay, _stage._interval);
        }

        public void OnPull() { }

        public void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);

        protected internal override void OnTimer(object timerKey)
        {
            if (IsAvailable(_stage.Out))
                Push(_stage.Out, _stage._tick);
        }
    }

    /// <summary>Stops the ticks.</summary>
    private sealed class Cancelable(CancellationTokenSource source) : ICancelable
    {
        public bool IsCancellationRequested => source.IsCancellationRequested;

        public CancellationToken Token => source.Token;

        public void Cancel() => Cancel(throwOnFirstException: false);

        public void Cancel(bool throwOnFirstException) => source.Cancel(throwOnFirstException);

        public void CancelAfter(TimeSpan delay) => source.CancelAfter(delay);

        public void CancelAfter(int millisecondsDelay) => source.CancelAfter(millisecondsDelay);
    }
}

/// <summary>Emits the value given to the completion source it yields, and completes; a default value only completes.</summary>
internal sealed class MaybeSource<T> : SourceStage<T, TaskCompletionSource<T>>
{
    protected override (GraphStageLogic Logic, TaskCompletionSource<T> Value) Create(Attributes attributes)
    {
        var promise = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (new Logic(Shape, promise), promise);
    }

    private sealed class Logic(SourceShape<T> shape, TaskCompletionSource<T> promise)
        : SourceLogic<T>(shape),
            IFedFromOutside
    {
        public override void PreStart()
        {
            var done = GetAsyncCallback(Done);
            promise.Task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(done);
        }

        public override void OnPull() { }

        public override void OnDownstreamFinish(Exception cause)
        {
            promise.TrySetResult(default!);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop() => promise.TryFail(new AbruptStageTerminationException(this));

        private void Done()
        {
            var task = promise.Task;
            if (!task.IsCompletedSuccessfully)
                FailStage(task.Exception?.InnerException ?? new TaskCanceledException(task));
            else if (EqualityComparer<T>.Default.Equals(task.Result, default!))
                CompleteStage();
            else
                Emit(Out, task.Result, CompleteStage);
        }
    }
}
