using Akka.Streams.Dsl;
using Akka.Streams.Dsl.Internal;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Implementation;

/// <summary>Flows that a source or a sink is joined to at the side.</summary>
internal static class FanInGraphs
{
    public static IGraph<FlowShape<T, T>, TMat> Concat<T, TMat>(IGraph<SourceShape<T>, TMat> second) =>
        With<T, T, T, TMat>(new Concat<T, T>(), second, 1);

    public static IGraph<FlowShape<T, T>, TMat> OrElse<T, TMat>(IGraph<SourceShape<T>, TMat> second) =>
        With<T, T, T, TMat>(new OrElse<T>(), second, 1);

    public static IGraph<FlowShape<T, T2>, TMat> Prepend<T, T2, TMat>(IGraph<SourceShape<T2>, TMat> first)
        where T : T2 => With<T, T2, T2, TMat>(new Concat<T2, T2>(), first, 0);

    public static IGraph<FlowShape<T, T2>, TMat> Merge<T, T2, TMat>(
        IGraph<SourceShape<T2>, TMat> other,
        bool eagerComplete
    )
        where T : T2 => With<T, T2, T2, TMat>(new Merge<T2>(2, eagerComplete), other, 1);

    public static IGraph<FlowShape<T, T3>, TMat> ZipWith<T, T2, T3, TMat>(
        IGraph<SourceShape<T2>, TMat> other,
        Func<T, T2, T3> combine
    ) => With<T, T2, T3, TMat>(new ZipWith<T, T2, T3>(combine), other, 1);

    public static IGraph<FlowShape<T, T>, TMat> AlsoTo<T, TMat>(
        IGraph<SinkShape<T>, TMat> sink,
        bool propagateFailure
    ) =>
        propagateFailure
            ? Beside(new Broadcast<T>(2, eagerCancel: true), sink)
            : Beside(new Broadcast<T>(2, eagerCancel: false), sink);

    public static IGraph<FlowShape<T, T>, TMat> DivertTo<T, TMat>(
        IGraph<SinkShape<T>, TMat> sink,
        Func<T, bool> when
    ) => Beside(new Partition<T>(2, element => when(element) ? 1 : 0), sink);

    public static IGraph<FlowShape<T, T>, TMat> WireTap<T, TMat>(IGraph<SinkShape<T>, TMat> sink) =>
        Beside(new WireTap<T>(), sink);

    /// <summary>The junction's other inlet is the flow's; its first outlet too.</summary>
    private static GraphImpl<FlowShape<TIn, TOut>, TMat> With<TIn, TSide, TOut, TMat>(
        IGraph<Shape> junction,
        IGraph<SourceShape<TSide>, TMat> side,
        int sideInlet
    ) =>
        new(
            new FlowShape<TIn, TOut>(new Inlet<TIn>("junction.in"), new Outlet<TOut>("junction.out")),
            new CompositeModule(
                [junction.Module, side.Module],
                [new Wire(new(1, 0), new(0, sideInlet))],
                [new(0, 1 - sideInlet)],
                [new(0, 0)],
                static values => values[1]
            )
        );

    private static GraphImpl<FlowShape<T, T>, TMat> Beside<T, TMat>(
        IGraph<Shape> junction,
        IGraph<SinkShape<T>, TMat> sink
    ) =>
        new(
            new FlowShape<T, T>(new Inlet<T>("junction.in"), new Outlet<T>("junction.out")),
            new CompositeModule(
                [junction.Module, sink.Module],
                [new Wire(new(0, 1), new(1, 0))],
                [new(0, 0)],
                [new(0, 0)],
                static values => values[1]
            )
        );
}
