using Akka.Streams.Implementation.Fusing;
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
internal sealed class NeverLogic<T>(SourceShape<T> shape) : SourceLogic<T>(shape), IFedFromOutside
{
    public override void OnPull() { }
}
