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
        _promise.TryFail(e);
        FailStage(e);
    }

    public override void PostStop() => _promise.TryFail(new AbruptStageTerminationException(this));

    protected void Succeed(TResult result)
    {
        _promise.TrySetResult(result);
        CompleteStage();
    }

    protected void FailWith(Exception error)
    {
        _promise.TryFail(error);
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
