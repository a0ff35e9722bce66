using System.Collections.Immutable;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A stage of one inlet.</summary>
internal abstract class SinkStage<TIn, TMat> : GraphStageWithMaterializedValue<SinkShape<TIn>, TMat>
{
    protected SinkStage()
    {
        In = new Inlet<TIn>($"{GetType().Name.Split('`')[0]}.in");
        Shape = new SinkShape<TIn>(In);
    }

    public Inlet<TIn> In { get; }

    public sealed override SinkShape<TIn> Shape { get; }

    public sealed override ILogicAndMaterializedValue<TMat> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    )
    {
        var (logic, value) = Create(inheritedAttributes);
        return new LogicAndMaterializedValue<TMat>(logic, value);
    }

    protected abstract (GraphStageLogic Logic, TMat Value) Create(Attributes attributes);
}

/// <summary>A sink whose logic a delegate makes.</summary>
internal sealed class PlainSink<TIn>(Func<SinkShape<TIn>, Attributes, GraphStageLogic> create) : SinkStage<TIn, NotUsed>
{
    protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
        (create(Shape, attributes), NotUsed.Instance);
}

/// <summary>A sink that yields a task, which a logic made by a delegate ends.</summary>
internal sealed class TaskSink<TIn, TResult>(Func<SinkShape<TIn>, Attributes, TaskSinkLogic<TIn, TResult>> create)
    : SinkStage<TIn, Task<TResult>>
{
    protected override (GraphStageLogic Logic, Task<TResult> Value) Create(Attributes attributes)
    {
        var logic = create(Shape, attributes);
        return (logic, logic.Result);
    }
}

/// <summary>The logic of a sink that is its inlet's handler.</summary>
internal abstract class SinkLogic<T> : InGraphStageLogic
{
    protected SinkLogic(SinkShape<T> shape)
        : base(shape)
    {
        In = shape.Inlet;
        SetHandler(In, this);
    }

    protected Inlet<T> In { get; }
}

/// <summary>The logic of a sink that yields a task: failed when the stream fails or is cut off.</summary>
internal abstract class TaskSinkLogic<TIn, TResult>(SinkShape<TIn> shape) : SinkLogic<TIn>(shape)
{
    private readonly TaskCompletionSource<TResult> _promise = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Result => _promise.Task;

    public override void PreStart() => Pull(In);

    public override void OnUpstreamFailure(Exception e)
    {
        _promise.TrySetException(e);
        FailStage(e);
    }

    public override void PostStop() => _promise.TrySetException(new AbruptStageTerminationException(this));

    protected void Succeed(TResult result)
    {
        _promise.TrySetResult(result);
        CompleteStage();
    }

    protected void FailWith(Exception error)
    {
        _promise.TrySetException(error);
        FailStage(error);
    }
}

/// <summary>Drops everything.</summary>
internal sealed class IgnoreLogic<T>(SinkShape<T> shape) : TaskSinkLogic<T, Done>(shape)
{
    public override void OnPush()
    {
        Grab(In);
        Pull(In);
    }

    public override void OnUpstreamFinish() => Succeed(Done.Instance);
}

/// <summary>Yields the first element, or the default value where that is allowed.</summary>
internal sealed class FirstLogic<T>(SinkShape<T> shape, bool orDefault) : TaskSinkLogic<T, T>(shape)
{
    public override void OnPush() => Succeed(Grab(In));

    public override void OnUpstreamFinish()
    {
        if (orDefault)
            Succeed(default!);
        else
            FailWith(new NoSuchElementException("First of empty stream"));
    }
}

/// <summary>Yields the last element, or the default value where that is allowed.</summary>
internal sealed class LastLogic<T>(SinkShape<T> shape, bool orDefault) : TaskSinkLogic<T, T>(shape)
{
    private T _last = default!;
    private bool _hasLast;

    public override void OnPush()
    {
        (_last, _hasLast) = (Grab(In), true);
        Pull(In);
    }

    public override void OnUpstreamFinish()
    {
        if (_hasLast || orDefault)
            Succeed(_last);
        else
            FailWith(new NoSuchElementException("Last of empty stream"));
    }
}

/// <summary>Yields all elements.</summary>
internal sealed class SeqLogic<T>(SinkShape<T> shape) : TaskSinkLogic<T, IImmutableList<T>>(shape)
{
    private readonly ImmutableList<T>.Builder _elements = ImmutableList.CreateBuilder<T>();

    public override void OnPush()
    {
        _elements.Add(Grab(In));
        Pull(In);
    }

    public override void OnUpstreamFinish() => Succeed(_elements.ToImmutable());
}

/// <summary>Cancels at once.</summary>
internal sealed class CancelledLogic<T>(SinkShape<T> shape) : SinkLogic<T>(shape)
{
    public override void PreStart() => CompleteStage();

    public override void OnPush() { }
}

/// <summary>Drops everything and reports the end.</summary>
internal sealed class OnCompleteLogic<T>(SinkShape<T> shape, Action success, Action<Exception> failure)
    : SinkLogic<T>(shape)
{
    private bool _hasReported;

    public override void PreStart() => Pull(In);

    public override void OnPush()
    {
        Grab(In);
        Pull(In);
    }

    public override void OnUpstreamFinish()
    {
        _hasReported = true;
        success();
        CompleteStage();
    }

    public override void OnUpstreamFailure(Exception e)
    {
        _hasReported = true;
        failure(e);
        FailStage(e);
    }

    public override void PostStop()
    {
        if (!_hasReported)
            failure(new AbruptStageTerminationException(this));
    }
}

/// <summary>Gives elements to who pulls them from the queue that it yields.</summary>
internal sealed class QueueSink<T> : SinkStage<T, ISinkQueue<T>>
{
    protected override (GraphStageLogic Logic, ISinkQueue<T> Value) Create(Attributes attributes)
    {
        var logic = new Logic(Shape, attributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max);
        return (logic, logic);
    }

    private sealed class Logic : SinkLogic<T>, ISinkQueue<T>
    {
        private readonly int _size;
        private readonly Queue<T> _buffer = new();
        private readonly Action<TaskCompletionSource<Util.Option<T>>> _pull;

        /// <summary>Pulls made and not answered; they are answered when the stage stops.</summary>
        private readonly HashSet<TaskCompletionSource<Util.Option<T>>> _open = [];
        private TaskCompletionSource<Util.Option<T>>? _waiting;
        private bool _isEnded;
        private Exception? _failure;
        private bool _hasStopped;

        public Logic(SinkShape<T> shape, int size)
            : base(shape)
        {
            _size = size;
            _pull = GetAsyncCallback<TaskCompletionSource<Util.Option<T>>>(Pulled);
        }

        public Task<Util.Option<T>> PullAsync()
        {
            var promise = new TaskCompletionSource<Util.Option<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_open)
            {
                if (_hasStopped)
                    return Task.FromException<Util.Option<T>>(StreamDetachedException.Instance);
                _open.Add(promise);
            }
            _pull(promise);
            return promise.Task;
        }

        public override void PreStart()
        {
            // The queue outlives its inlet until the end has been fetched.
            SetKeepGoing(true);
            Pull(In);
        }

        public override void OnPush()
        {
            var element = Grab(In);
            if (_waiting is { } waiting)
            {
                _waiting = null;
                Answer(waiting, element);
            }
            else
            {
                _buffer.Enqueue(element);
            }
            if (_buffer.Count < _size)
                Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            _isEnded = true;
            AnswerEnd();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            (_isEnded, _failure) = (true, e);
            AnswerEnd();
        }

        public override void PostStop()
        {
            TaskCompletionSource<Util.Option<T>>[] open;
            lock (_open)
            {
                _hasStopped = true;
                open = [.. _open];
            }
            foreach (var promise in open)
                promise.TrySetException(new AbruptStageTerminationException(this));
        }

        private void Pulled(TaskCompletionSource<Util.Option<T>> promise)
        {
            if (_waiting is not null)
            {
                Close(promise);
                promise.TrySetException(
                    new InvalidOperationException(
                        "You have to wait for previous future to be resolved to send another request"
                    )
                );
                return;
            }
            if (_buffer.TryDequeue(out var element))
            {
                Answer(promise, element);
                TryPull(In);
                return;
            }
            _waiting = promise;
            AnswerEnd();
        }

        private void AnswerEnd()
        {
            if (!_isEnded || _waiting is not { } waiting)
                return;
            _waiting = null;
            Close(waiting);
            if (_failure is null)
                waiting.TrySetResult(Util.Option<T>.None);
            else
                waiting.TrySetException(_failure);
            CompleteStage();
        }

        private void Answer(TaskCompletionSource<Util.Option<T>> promise, T element)
        {
            Close(promise);
            promise.TrySetResult(new Util.Option<T>(element));
        }

        private void Close(TaskCompletionSource<Util.Option<T>> promise)
        {
            lock (_open)
                _open.Remove(promise);
        }
    }
}
