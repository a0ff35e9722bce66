using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class FlowOperations
{
    /// <summary>Sends every element also to the sink, and combines the values.</summary>
    public static Flow<TIn, TOut, TMat3> AlsoToMaterialized<TIn, TOut, TMat, TMat2, TMat3>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializerFunction
    ) => flow.ViaMaterialized(FanInGraphs.AlsoTo(that, propagateFailure: true), materializerFunction);

    /// <summary>Sends elements that the predicate holds for to the sink instead, and combines the values.</summary>
    public static Flow<TIn, TOut, TMat3> DivertToMaterialized<TIn, TOut, TMat, TMat2, TMat3>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that,
        Func<TOut, bool> when,
        Func<TMat, TMat2, TMat3> materializerFunction
    ) => flow.ViaMaterialized(FanInGraphs.DivertTo(that, when), materializerFunction);

    /// <summary>Shows elements to the sink, which misses those it is too slow for, and combines the values.</summary>
    public static Flow<TIn, TOut, TMat3> WireTapMaterialized<TIn, TOut, TMat, TMat2, TMat3>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializerFunction
    ) => flow.ViaMaterialized(FanInGraphs.WireTap(that), materializerFunction);

    /// <summary>Combines the value with a task that ends as the stream does at this point.</summary>
    public static Flow<TIn, TOut, TMat2> WatchTermination<TIn, TOut, TMat, TMat2>(
        this Flow<TIn, TOut, TMat> flow,
        Func<TMat, Task<Done>, TMat2> materializerFunction
    ) => flow.ViaMaterialized(new TerminationWatcher<TOut>(), materializerFunction);

    /// <summary>Emits the elements of both sources as they come, and combines the values.</summary>
    public static Flow<TIn, TOut2, TMat3> MergeMaterialized<TIn, TOut1, TOut2, TMat, TMat2, TMat3>(
        this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat2> that,
        Func<TMat, TMat2, TMat3> combine
    )
        where TOut1 : TOut2 =>
        flow.ViaMaterialized(FanInGraphs.Merge<TOut1, TOut2, TMat2>(that, eagerComplete: false), combine);
}
