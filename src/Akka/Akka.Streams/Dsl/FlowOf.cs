using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>A graph with one open inlet and one open outlet.</summary>
public sealed partial class Flow<TIn, TOut, TMat> : IFlow<TOut, TMat>, IGraph<FlowShape<TIn, TOut>, TMat>
{
    private readonly Module _module;

    internal Flow(Module module) => _module = module;

    public FlowShape<TIn, TOut> Shape =>
        field ??= new FlowShape<TIn, TOut>(new Inlet<TIn>("flow.in"), new Outlet<TOut>("flow.out"));

    Module IGraph<FlowShape<TIn, TOut>>.Module => _module;

    /// <summary>Joins another flow; the value of this one counts.</summary>
    public Flow<TIn, TOut2, TMat> Via<TOut2, TMat2>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow) =>
        new(_module.FuseLeft(flow.Module));

    /// <summary>Joins another flow and combines the two values.</summary>
    public Flow<TIn, TOut2, TMat3> ViaMaterialized<TOut2, TMat2, TMat3>(
        IGraph<FlowShape<TOut, TOut2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine
    ) => new(_module.Fuse(flow.Module, combine));

    /// <summary>Joins a sink; the value of the flow counts.</summary>
    public Sink<TIn, TMat> To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) => new(_module.FuseLeft(sink.Module));

    /// <summary>Joins a sink and combines the two values.</summary>
    public Sink<TIn, TMat3> ToMaterialized<TMat2, TMat3>(
        IGraph<SinkShape<TOut>, TMat2> sink,
        Func<TMat, TMat2, TMat3> combine
    ) => new(_module.Fuse(sink.Module, combine));

    public Flow<TIn, TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) =>
        new(_module.Transform(mapFunc));

    /// <summary>Emits the elements of the source after these, and combines the two values.</summary>
    public Flow<TIn, TOut, TMat3> ConcatMaterialized<TMat2, TMat3>(
        IGraph<SourceShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializedFunction
    ) => ViaMaterialized(FanInGraphs.Concat(that), materializedFunction);

    /// <summary>Asks the actor with every element and emits its replies, in order.</summary>
    public Flow<TIn, TOut2, TMat> Ask<TOut2>(IActorRef actorRef, TimeSpan timeout, int parallelism = 2) =>
        Via(AskGraph.Create<TOut, TOut2>(actorRef, timeout, parallelism));

    /// <summary>Joins both ends to another flow, which makes a cycle.</summary>
    public IRunnableGraph<TMat> Join<TMat2>(IGraph<FlowShape<TOut, TIn>, TMat2> flow) =>
        JoinMaterialized(flow, Keep.Left);

    /// <summary>Joins both ends to another flow, which makes a cycle, and combines the two values.</summary>
    public IRunnableGraph<TMat3> JoinMaterialized<TMat2, TMat3>(
        IGraph<FlowShape<TOut, TIn>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine
    ) =>
        new RunnableGraph<TMat3>(
            new CompositeModule(
                [_module, flow.Module],
                [new Wire(new(0, 0), new(1, 0)), new Wire(new(1, 0), new(0, 0))],
                [],
                [],
                values => combine((TMat)values[0]!, (TMat2)values[1]!)
            )
        );

    /// <summary>Closes this side of a bidirectional flow with this flow.</summary>
    public Flow<TIn2, TOut2, TMat> Join<TIn2, TOut2, TMat2>(IGraph<BidiShape<TOut, TOut2, TIn2, TIn>, TMat2> bidi) =>
        JoinMaterialized(bidi, Keep.Left);

    /// <summary>Closes this side of a bidirectional flow with this flow and combines the two values.</summary>
    public Flow<TIn2, TOut2, TMatRes> JoinMaterialized<TIn2, TOut2, TMat2, TMatRes>(
        IGraph<BidiShape<TOut, TOut2, TIn2, TIn>, TMat2> bidi,
        Func<TMat, TMat2, TMatRes> combine
    ) =>
        new(
            new CompositeModule(
                [_module, bidi.Module],
                [new Wire(new(0, 0), new(1, 0)), new Wire(new(1, 1), new(0, 0))],
                [new(1, 1)],
                [new(1, 0)],
                values => combine((TMat)values[0]!, (TMat2)values[1]!)
            )
        );

    /// <summary>Joins source and sink, runs, and returns the values of both.</summary>
    public (TMat1, TMat2) RunWith<TMat1, TMat2>(
        IGraph<SourceShape<TIn>, TMat1> source,
        IGraph<SinkShape<TOut>, TMat2> sink,
        IMaterializer materializer
    ) => Source.FromGraph(source).Via(this).ToMaterialized(sink, Keep.Both).Run(materializer);

    /// <summary>The same flow with these attributes instead of its own; they count for all its stages.</summary>
    public Flow<TIn, TOut, TMat> WithAttributes(Attributes attributes) => new(_module.WithAttributes(attributes));

    /// <summary>The same flow with these attributes added; they count for all its stages.</summary>
    public Flow<TIn, TOut, TMat> AddAttributes(Attributes attributes) =>
        WithAttributes(_module.Attributes.And(attributes));

    public Flow<TIn, TOut, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    /// <summary>The same flow, run in an actor of its own.</summary>
    public Flow<TIn, TOut, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}
