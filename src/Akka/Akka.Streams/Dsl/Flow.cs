using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>Makes flows.</summary>
public static class Flow
{
    /// <summary>A flow that passes everything along.</summary>
    public static Flow<T, T, NotUsed> Identity<T>() => new(IdentityModule<T>.Instance);

    /// <summary>A flow that passes everything along, to build on.</summary>
    public static Flow<T, T, NotUsed> Create<T>() => new(IdentityModule<T>.Instance);

    /// <summary>A flow of one function.</summary>
    public static Flow<TIn, TOut, NotUsed> FromFunction<TIn, TOut>(Func<TIn, TOut> function) =>
        Create<TIn>().Via(new Select<TIn, TOut>(function));

    public static Flow<TIn, TOut, TMat> FromGraph<TIn, TOut, TMat>(IGraph<FlowShape<TIn, TOut>, TMat> graph) =>
        graph as Flow<TIn, TOut, TMat> ?? new Flow<TIn, TOut, TMat>(graph.Module);

    /// <summary>A flow whose inlet is the sink and whose outlet is the source; nothing joins the two.</summary>
    public static Flow<TIn, TOut, NotUsed> FromSinkAndSource<TIn, TOut, TMat>(
        IGraph<SinkShape<TIn>, TMat> sink,
        IGraph<SourceShape<TOut>, TMat> source
    ) => FromSinkAndSource(sink, source, Keep.None);

    /// <summary>A flow whose inlet is the sink and whose outlet is the source; nothing joins the two.</summary>
    public static Flow<TIn, TOut, TMat> FromSinkAndSource<TIn, TOut, TMat1, TMat2, TMat>(
        IGraph<SinkShape<TIn>, TMat1> sink,
        IGraph<SourceShape<TOut>, TMat2> source,
        Func<TMat1, TMat2, TMat> combine
    ) =>
        new(
            new CompositeModule(
                [sink.Module, source.Module],
                [],
                [new(0, 0)],
                [new(1, 0)],
                values => combine((TMat1)values[0]!, (TMat2)values[1]!)
            )
        );
}
