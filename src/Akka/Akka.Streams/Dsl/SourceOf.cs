using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>A graph with one open outlet.</summary>
public sealed partial class Source<TOut, TMat> : IFlow<TOut, TMat>, IGraph<SourceShape<TOut>, TMat>
{
    private readonly Module _module;

    internal Source(Module module) => _module = module;

    public SourceShape<TOut> Shape => field ??= new SourceShape<TOut>(new Outlet<TOut>("source.out"));

    Module IGraph<SourceShape<TOut>>.Module => _module;

    /// <summary>Joins a flow; the value of the source counts.</summary>
    public Source<TOut2, TMat> Via<TOut2, TMat2>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow) =>
        new(_module.FuseLeft(flow.Module));

    /// <summary>Joins a flow and combines the two values.</summary>
    public Source<TOut2, TMat3> ViaMaterialized<TOut2, TMat2, TMat3>(
        IGraph<FlowShape<TOut, TOut2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine
    ) => new(_module.Fuse(flow.Module, combine));

    /// <summary>Joins a sink; the value of the source counts.</summary>
    public IRunnableGraph<TMat> To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) =>
        new RunnableGraph<TMat>(_module.FuseLeft(sink.Module));

    /// <summary>Joins a sink and combines the two values.</summary>
    public IRunnableGraph<TMat3> ToMaterialized<TMat2, TMat3>(
        IGraph<SinkShape<TOut>, TMat2> sink,
        Func<TMat, TMat2, TMat3> combine
    ) => new RunnableGraph<TMat3>(_module.Fuse(sink.Module, combine));

    public Source<TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) =>
        new(_module.Transform(mapFunc));

    /// <summary>Emits the elements of the other source after these, and combines the two values.</summary>
    public Source<TOut, TMat3> ConcatMaterialized<TMat2, TMat3>(
        IGraph<SourceShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializedFunction
    ) => ViaMaterialized(FanInGraphs.Concat(that), materializedFunction);

    /// <summary>Asks the actor with every element and emits its replies, in order.</summary>
    public Source<TOut2, TMat> Ask<TOut2>(IActorRef actorRef, TimeSpan timeout, int parallelism = 2) =>
        Via(AskGraph.Create<TOut, TOut2>(actorRef, timeout, parallelism));

    /// <summary>The same source with these attributes instead of its own; they count for all its stages.</summary>
    public Source<TOut, TMat> WithAttributes(Attributes attributes) => new(_module.WithAttributes(attributes));

    /// <summary>The same source with these attributes added; they count for all its stages.</summary>
    public Source<TOut, TMat> AddAttributes(Attributes attributes) =>
        WithAttributes(_module.Attributes.And(attributes));

    public Source<TOut, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    /// <summary>The same source, run in an actor of its own.</summary>
    public Source<TOut, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IFlow<TOut, TMat2> IFlow<TOut, TMat>.MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) =>
        MapMaterializedValue(mapFunc);

    IFlow<TOut2, TMat> IFlow<TOut, TMat>.Via<TOut2, TMat2>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow) => Via(flow);

    IFlow<TOut2, TMat3> IFlow<TOut, TMat>.ViaMaterialized<TOut2, TMat2, TMat3>(
        IGraph<FlowShape<TOut, TOut2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine
    ) => ViaMaterialized(flow, combine);

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.WithAttributes(Attributes attributes) =>
        WithAttributes(attributes);

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.AddAttributes(Attributes attributes) =>
        AddAttributes(attributes);

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Named(string name) => Named(name);

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Async() => Async();
}
