using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Emits the elements of the other source after these.</summary>
    public static Flow<TIn, TOut, TMat> Concat<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SourceShape<TOut>, TMat> other
    ) => flow.Via(FanInGraphs.Concat(other));

    /// <summary>Emits the elements of the other source before these.</summary>
    public static Flow<TIn, TOut2, TMat> Prepend<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> that
    )
        where TOut1 : TOut2 => flow.Via(FanInGraphs.Prepend<TOut1, TOut2, TMat>(that));

    /// <summary>Emits the elements of both sources as they come.</summary>
    public static Flow<TIn, TOut2, TMat> Merge<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> other,
        bool eagerComplete = false
    )
        where TOut1 : TOut2 => flow.Via(FanInGraphs.Merge<TOut1, TOut2, TMat>(other, eagerComplete));

    /// <summary>Emits pairs of one element of each source.</summary>
    public static Flow<TIn, (TOut1, TOut2), TMat> Zip<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> other
    ) =>
        flow.Via(
            FanInGraphs.ZipWith<TOut1, TOut2, (TOut1, TOut2), TMat>(other, static (first, second) => (first, second))
        );

    /// <summary>Emits what the function makes of one element of each source.</summary>
    public static Flow<TIn, TOut3, TMat> ZipWith<TIn, TOut1, TOut2, TOut3, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> other,
        Func<TOut1, TOut2, TOut3> combine
    ) => flow.Via(FanInGraphs.ZipWith(other, combine));

    /// <summary>Runs the sources made of the elements, one after the other, and emits their elements.</summary>
    public static Flow<TIn, TOut2, TMat> ConcatMany<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten
    ) => flow.Via(new Select<TOut1, IGraph<SourceShape<TOut2>, TMat>>(flatten)).Via(new FlattenMerge<TOut2, TMat>(1));

    /// <summary>Runs the sources made of the elements, up to <paramref name="breadth"/> at a time, and emits their elements.</summary>
    public static Flow<TIn, TOut2, TMat> MergeMany<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        int breadth,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten
    ) =>
        flow.Via(new Select<TOut1, IGraph<SourceShape<TOut2>, TMat>>(flatten))
            .Via(new FlattenMerge<TOut2, TMat>(breadth));

    /// <summary>Sends every element also to the sink, which both have to ask for.</summary>
    public static Flow<TIn, TOut, TMat> AlsoTo<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat> that
    ) => flow.Via(FanInGraphs.AlsoTo(that, propagateFailure: true));

    /// <summary>Sends elements that the predicate holds for to the sink instead.</summary>
    public static Flow<TIn, TOut, TMat> DivertTo<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat> that,
        Func<TOut, bool> when
    ) => flow.Via(FanInGraphs.DivertTo(that, when));

    /// <summary>Shows elements to the sink, which misses those it is too slow for.</summary>
    public static Flow<TIn, TOut, TMat> WireTap<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat> that
    ) => flow.Via(FanInGraphs.WireTap(that));

    /// <summary>Calls the action with every element.</summary>
    public static Flow<TIn, TOut, TMat> WireTap<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Action<TOut> action
    ) => flow.Via(new TapAction<TOut>(action));

    /// <summary>Emits the elements of the other source where this flow completes without any.</summary>
    public static Flow<T, T, TMat> OrElse<T, TMat>(
        this Flow<T, T, TMat> flow,
        IGraph<SourceShape<T>, TMat> secondary
    ) => flow.Via(FanInGraphs.OrElse(secondary));
}
