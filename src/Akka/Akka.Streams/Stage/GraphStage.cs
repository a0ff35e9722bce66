using Akka.Streams.Dsl.Internal;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>The logic of one running stage and the value it yields to who ran the graph.</summary>
public interface ILogicAndMaterializedValue<out TMaterialized>
{
    GraphStageLogic Logic { get; }

    TMaterialized MaterializedValue { get; }
}

/// <summary>The logic of one running stage and the value it yields to who ran the graph.</summary>
public struct LogicAndMaterializedValue<TMaterialized>(GraphStageLogic logic, TMaterialized materializedValue)
    : ILogicAndMaterializedValue<TMaterialized>
{
    public GraphStageLogic Logic { get; } = logic;

    public TMaterialized MaterializedValue { get; } = materializedValue;
}

/// <summary>A graph of one stage.</summary>
public interface IGraphStageWithMaterializedValue<out TShape, out TMaterialized> : IGraph<TShape, TMaterialized>
    where TShape : Shape
{
    ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(Attributes attributes);
}

/// <summary>A reusable definition of a stage that yields a value; every materialization gets a logic of its own.</summary>
public abstract class GraphStageWithMaterializedValue<TShape, TMaterialized>
    : IGraphStageWithMaterializedValue<TShape, TMaterialized>,
        IStageDefinition
    where TShape : Shape
{
    private Module? _module;

    /// <summary>The ports; the same object at every call.</summary>
    public abstract TShape Shape { get; }

    protected virtual Attributes InitialAttributes => Attributes.None;

    Module IGraph<TShape>.Module => _module ??= new StageModule(this, Shape).WithAttributes(InitialAttributes);

    /// <summary>Makes the mutable part of one materialization.</summary>
    public abstract ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    );

    (GraphStageLogic Logic, object? MaterializedValue) IStageDefinition.Create(Attributes attributes)
    {
        var created = CreateLogicAndMaterializedValue(attributes);
        return (created.Logic, created.MaterializedValue);
    }

    public IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes) =>
        new GraphImpl<TShape, TMaterialized>(Shape, Module.WithAttributes(attributes));

    public IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes) =>
        WithAttributes(Module.Attributes.And(attributes));

    public IGraph<TShape, TMaterialized> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<TShape, TMaterialized> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    private Module Module => ((IGraph<TShape>)this).Module;
}

/// <summary>A reusable definition of a stage; every materialization gets a logic of its own.</summary>
public abstract class GraphStage<TShape> : GraphStageWithMaterializedValue<TShape, NotUsed>, IStageDefinition
    where TShape : Shape
{
    public sealed override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    ) => new LogicAndMaterializedValue<NotUsed>(CreateLogic(inheritedAttributes), NotUsed.Instance);

    /// <summary>Makes the mutable part of one materialization.</summary>
    protected abstract GraphStageLogic CreateLogic(Attributes inheritedAttributes);

    (GraphStageLogic Logic, object? MaterializedValue) IStageDefinition.Create(Attributes attributes) =>
        (CreateLogic(attributes), NotUsed.Instance);
}
