using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>Makes bidirectional flows.</summary>
public static class BidiFlow
{
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> FromGraph<TIn1, TOut1, TIn2, TOut2, TMat>(
        IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> graph
    ) =>
        graph as BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> ?? new BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat>(graph.Module);

    /// <summary>Two flows in opposite directions; their values are dropped.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, NotUsed> FromFlows<TIn1, TOut1, TIn2, TOut2, TMat1, TMat2>(
        IGraph<FlowShape<TIn1, TOut1>, TMat1> flow1,
        IGraph<FlowShape<TIn2, TOut2>, TMat2> flow2
    ) => FromFlowsMat(flow1, flow2, Keep.None);

    /// <summary>Two flows in opposite directions, and their values combined.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> FromFlowsMat<TIn1, TOut1, TIn2, TOut2, TMat1, TMat2, TMat>(
        IGraph<FlowShape<TIn1, TOut1>, TMat1> flow1,
        IGraph<FlowShape<TIn2, TOut2>, TMat2> flow2,
        Func<TMat1, TMat2, TMat> combine
    ) =>
        new(
            new CompositeModule(
                [flow1.Module, flow2.Module],
                [],
                [new(0, 0), new(1, 0)],
                [new(0, 0), new(1, 0)],
                values => combine((TMat1)values[0]!, (TMat2)values[1]!)
            )
        );

    /// <summary>One function for each direction.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, NotUsed> FromFunction<TIn1, TOut1, TIn2, TOut2>(
        Func<TIn1, TOut1> outbound,
        Func<TIn2, TOut2> inbound
    ) => FromFlows(Flow.FromFunction(outbound), Flow.FromFunction(inbound));

    /// <summary>Fails with a timeout when nothing moves in either direction for that long.</summary>
    public static BidiFlow<TIn, TIn, TOut, TOut, NotUsed> BidirectionalIdleTimeout<TIn, TOut>(TimeSpan timeout) =>
        FromGraph(new Implementation.Stages.IdleTimeoutBidi<TIn, TOut>(timeout));
}

/// <summary>Two flows in opposite directions.</summary>
public sealed class BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> : IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat>
{
    private readonly Module _module;

    internal BidiFlow(Module module) => _module = module;

    public BidiShape<TIn1, TOut1, TIn2, TOut2> Shape =>
        field ??= new BidiShape<TIn1, TOut1, TIn2, TOut2>(
            new Inlet<TIn1>("bidi.in1"),
            new Outlet<TOut1>("bidi.out1"),
            new Inlet<TIn2>("bidi.in2"),
            new Outlet<TOut2>("bidi.out2")
        );

    Module IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>>.Module => _module;

    /// <summary>Stacks this on another one; the value of this one counts.</summary>
    public BidiFlow<TIn1, TOut12, TIn21, TOut2, TMat> Atop<TOut12, TIn21, TMat2>(
        BidiFlow<TOut1, TOut12, TIn21, TIn2, TMat2> bidi
    ) => AtopMat(bidi, Keep.Left);

    /// <summary>Stacks this on another one and combines the two values.</summary>
    public BidiFlow<TIn1, TOut12, TIn21, TOut2, TMat3> AtopMat<TOut12, TIn21, TMat2, TMat3>(
        BidiFlow<TOut1, TOut12, TIn21, TIn2, TMat2> bidi,
        Func<TMat, TMat2, TMat3> combine
    ) =>
        new(
            new CompositeModule(
                [_module, bidi._module],
                [new Wire(new(0, 0), new(1, 0)), new Wire(new(1, 1), new(0, 1))],
                [new(0, 0), new(1, 1)],
                [new(1, 0), new(0, 1)],
                values => combine((TMat)values[0]!, (TMat2)values[1]!)
            )
        );

    /// <summary>Closes the far side with a flow; the value of this one counts.</summary>
    public Flow<TIn1, TOut2, TMat> Join<TMat2>(Flow<TOut1, TIn2, TMat2> flow) => JoinMat(flow, Keep.Left);

    /// <summary>Closes the far side with a flow and combines the two values.</summary>
    public Flow<TIn1, TOut2, TMat3> JoinMat<TMat2, TMat3>(
        Flow<TOut1, TIn2, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine
    ) =>
        new(
            new CompositeModule(
                [_module, ((IGraph<FlowShape<TOut1, TIn2>>)flow).Module],
                [new Wire(new(0, 0), new(1, 0)), new Wire(new(1, 0), new(0, 1))],
                [new(0, 0)],
                [new(0, 1)],
                values => combine((TMat)values[0]!, (TMat2)values[1]!)
            )
        );

    /// <summary>The same with the two directions exchanged.</summary>
    public BidiFlow<TIn2, TOut2, TIn1, TOut1, TMat> Reversed() =>
        new(
            new CompositeModule(
                [_module],
                [],
                [new(0, 1), new(0, 0)],
                [new(0, 1), new(0, 0)],
                static values => values[0]
            )
        );

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> WithAttributes(Attributes attributes) =>
        new BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat>(_module.WithAttributes(attributes));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> AddAttributes(Attributes attributes) =>
        WithAttributes(_module.Attributes.And(attributes));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> Named(string name) =>
        AddAttributes(Attributes.CreateName(name));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}
