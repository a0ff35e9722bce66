using Akka.Actor;
using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage of one outlet.</summary>
internal abstract class SourceStage<TOut, TMat> : GraphStageWithMaterializedValue<SourceShape<TOut>, TMat>
{
    protected SourceStage()
    {
        Out = new Outlet<TOut>($"{GetType().Name.Split('`')[0]}.out");
        Shape = new SourceShape<TOut>(Out);
    }

    public Outlet<TOut> Out { get; }

    public sealed override SourceShape<TOut> Shape { get; }

    public sealed override ILogicAndMaterializedValue<TMat> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    )
    {
        var (logic, value) = Create(inheritedAttributes);
        return new LogicAndMaterializedValue<TMat>(logic, value);
    }

    protected abstract (GraphStageLogic Logic, TMat Value) Create(Attributes attributes);
}

/// <summary>A source whose logic a delegate makes.</summary>
internal sealed class PlainSource<TOut>(Func<PlainSource<TOut>, Attributes, GraphStageLogic> create)
    : SourceStage<TOut, NotUsed>
{
    protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
        (create(this, attributes), NotUsed.Instance);
}

/// <summary>The logic of a source that is its outlet's handler.</summary>
internal abstract class SourceLogic<T> : OutGraphStageLogic
{
    protected SourceLogic(SourceShape<T> shape)
        : base(shape)
    {
        Out = shape.Outlet;
        SetHandler(Out, this);
    }

    protected Outlet<T> Out { get; }
}

/// <summary>Emits the same element once or for ever.</summary>
internal sealed class RepeatLogic<T>(SourceShape<T> shape, T element, bool isOnce) : SourceLogic<T>(shape)
{
    public override void OnPull()
    {
        Push(Out, element);
        if (isOnce)
            CompleteStage();
    }
}

/// <summary>Ends at once, with a failure or without.</summary>
internal sealed class EndedLogic<T>(SourceShape<T> shape, Exception? failure) : SourceLogic<T>(shape)
{
    public override void PreStart()
    {
        if (failure is null)
            CompleteStage();
        else
            FailStage(failure);
    }

    public override void OnPull() { }
}

/// <summary>Never emits and never ends.</summary>
internal sealed class NeverLogic<T>(SourceShape<T> shape) : SourceLogic<T>(shape)
{
    public override void OnPull() { }
}

/// <summary>Emits what an enumerator yields.</summary>
internal sealed class EnumeratorLogic<T>(SourceShape<T> shape, Func<IEnumerator<T>> create, Attributes attributes)
    : SourceLogic<T>(shape)
{
    private readonly Supervision.Decider _decider = attributes.Decider();
    private IEnumerator<T>? _enumerator;
    private bool _hasNext;

    public override void PreStart()
    {
        try
        {
            _enumerator = create();
            _hasNext = _enumerator.MoveNext();
        }
        catch (Exception error)
        {
            FailStage(error);
            return;
        }
        if (!_hasNext)
            CompleteStage();
    }

    public override void OnPull()
    {
        try
        {
            Push(Out, _enumerator!.Current);
            if (!_enumerator.MoveNext())
                CompleteStage();
        }
        catch (Exception error)
        {
            if (_decider(error) == Supervision.Directive.Stop)
                FailStage(error);
            else
                CompleteStage();
        }
    }

    public override void PostStop() => _enumerator?.Dispose();
}

/// <summary>Emits what an asynchronous enumerator yields.</summary>
internal sealed class AsyncEnumeratorLogic<T> : SourceLogic<T>
{
    private readonly Func<IAsyncEnumerable<T>> _create;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Action<Task<bool>> _moved;
    private IAsyncEnumerator<T>? _enumerator;
    private Task _last = Task.CompletedTask;

    public AsyncEnumeratorLogic(SourceShape<T> shape, Func<IAsyncEnumerable<T>> create)
        : base(shape)
    {
        _create = create;
        _moved = GetAsyncCallback<Task<bool>>(Moved);
    }

    public override void PreStart() => _enumerator = _create().GetAsyncEnumerator(_stopped.Token);

    public override void OnPull()
    {
        var next = _enumerator!.MoveNextAsync();
        var task = next.AsTask();
        _last = task;
        if (task.IsCompleted)
            Moved(task);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _moved(task));
    }

    public override void PostStop()
    {
        if (_enumerator is { } enumerator)
            _ = DisposeAfterAsync(enumerator, _last);
        else
            _stopped.Dispose();
    }

    private void Moved(Task<bool> task)
    {
        if (task.IsCanceled)
            FailStage(new TaskCanceledException(task));
        else if (task.Exception is { } errors)
            FailStage(errors.InnerException ?? errors);
        else if (task.Result)
            Push(Out, _enumerator!.Current);
        else
            CompleteStage();
    }

    /// <summary>An enumerator may not be disposed while it moves.</summary>
    private async Task DisposeAfterAsync(IAsyncEnumerator<T> enumerator, Task last)
    {
        try
        {
            await _stopped.CancelAsync();
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await enumerator.DisposeAsync();
        }
        catch (Exception error)
        {
            Log.Error(error, "Disposing the enumerator of [{0}] failed", this);
        }
        finally
        {
            _stopped.Dispose();
        }
    }
}

/// <summary>Emits what a function makes of a state, until it yields nothing.</summary>
internal sealed class UnfoldLogic<TState, T>(
    SourceShape<T> shape,
    TState state,
    Func<TState, Util.Option<(TState, T)>> unfold
) : SourceLogic<T>(shape)
{
    private TState _state = state;

    public override void OnPull()
    {
        var next = unfold(_state);
        if (!next.HasValue)
        {
            CompleteStage();
            return;
        }
        (_state, var element) = next.Value;
        Push(Out, element);
    }
}

/// <summary>Emits what a function asynchronously makes of a state, until it yields nothing.</summary>
internal sealed class UnfoldAsyncLogic<TState, T> : SourceLogic<T>
{
    private readonly Func<TState, Task<Util.Option<(TState, T)>>> _unfold;
    private readonly Action<Task<Util.Option<(TState, T)>>> _done;
    private TState _state;

    public UnfoldAsyncLogic(SourceShape<T> shape, TState state, Func<TState, Task<Util.Option<(TState, T)>>> unfold)
        : base(shape)
    {
        _state = state;
        _unfold = unfold;
        _done = GetAsyncCallback<Task<Util.Option<(TState, T)>>>(Done);
    }

    public override void OnPull()
    {
        var task = _unfold(_state);
        if (task.IsCompleted)
            Done(task);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _done(task));
    }

    private void Done(Task<Util.Option<(TState, T)>> task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            FailStage(task.Exception?.InnerException ?? new TaskCanceledException(task));
        }
        else if (task.Result.HasValue)
        {
            (_state, var element) = task.Result.Value;
            Push(Out, element);
        }
        else
        {
            CompleteStage();
        }
    }
}

/// <summary>Emits what is read from a resource, which is opened for each run and closed at its end.</summary>
internal sealed class ResourceLogic<TResource, T>(
    SourceShape<T> shape,
    Func<TResource> open,
    Func<TResource, Util.Option<T>> read,
    Action<TResource> close,
    Attributes attributes
) : SourceLogic<T>(shape)
{
    private readonly Supervision.Decider _decider = attributes.Decider();
    private TResource _resource = default!;
    private bool _isOpen;

    public override void PreStart() => Open();

    public override void OnPull()
    {
        while (true)
        {
            try
            {
                var next = read(_resource);
                if (next.HasValue)
                    Push(Out, next.Value);
                else
                    Finish();
                return;
            }
            catch (Exception error)
            {
                switch (_decider(error))
                {
                    case Supervision.Directive.Stop:
                        FailStage(error);
                        return;
                    case Supervision.Directive.Restart:
                        Close();
                        Open();
                        break;
                }
            }
        }
    }

    public override void PostStop() => Close();

    private void Open()
    {
        _resource = open();
        _isOpen = true;
    }

    private void Finish()
    {
        Close();
        CompleteStage();
    }

    private void Close()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        close(_resource);
    }
}

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

    private sealed class Logic(SourceShape<T> shape, TaskCompletionSource<T> promise) : SourceLogic<T>(shape)
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

        public override void PostStop() => promise.TrySetException(new AbruptStageTerminationException(this));

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
