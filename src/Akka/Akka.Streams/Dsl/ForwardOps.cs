namespace Akka.Streams.Dsl;

/// <summary>Links from an outlet onwards.</summary>
public static class ForwardOps
{
    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, Inlet<TIn> inlet)
        where TIn : TOut => Link(ops, inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(
        this GraphDsl.ForwardOps<TOut, TMat> ops,
        SinkShape<TIn> sink
    )
        where TIn : TOut => Link(ops, sink.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(
        this GraphDsl.ForwardOps<TOut, TMat> ops,
        FlowShape<TIn, TOut> flow
    )
        where TIn : TOut => Link(ops, flow.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat, TMat2>(
        this GraphDsl.ForwardOps<TOut, TMat> ops,
        IGraph<SinkShape<TIn>, TMat2> sink
    )
        where TIn : TOut => Link(ops, ops.Builder.Add(sink).Inlet);

    /// <summary>To the first inlet that is free.</summary>
    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanInShape<TIn, TOut2> fanIn
    )
        where TIn : TOut1 => Link(ops, ops.Builder.FreeInlet(fanIn));

    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanOutShape<TIn, TOut2> fanOut
    )
        where TIn : TOut1 => Link(ops, fanOut.In);

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        FlowShape<TIn, TOut2> flow
    )
        where TIn : TOut1
    {
        Link(ops, flow.Inlet);
        return new(ops.Builder, flow.Outlet);
    }

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        IGraph<FlowShape<TIn, TOut2>, NotUsed> flow
    )
        where TIn : TOut1 => ops.Via(ops.Builder.Add(flow));

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanInShape<TIn, TOut2> fanIn
    )
        where TIn : TOut1
    {
        Link(ops, ops.Builder.FreeInlet(fanIn));
        return new(ops.Builder, fanIn.Out);
    }

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(
        this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanOutShape<TIn, TOut2> fanOut
    )
        where TIn : TOut1
    {
        Link(ops, fanOut.In);
        return new(ops.Builder, ops.Builder.FreeOutlet(fanOut));
    }

    private static GraphDsl.Builder<TMat> Link<TOut, TMat>(GraphDsl.ForwardOps<TOut, TMat> ops, InPort inlet)
    {
        ops.Builder.Link(ops.Out, inlet);
        return ops.Builder;
    }
}
