namespace Akka.Streams.Dsl;

public static partial class GraphDsl
{
    public sealed partial class Builder<T>
    {
        public ForwardOps<TOut, T> From<TOut>(Outlet<TOut> outlet) => new(this, outlet);

        public ForwardOps<TOut, T> From<TOut>(SourceShape<TOut> source) => new(this, source.Outlet);

        public ForwardOps<TOut, T> From<TOut>(IGraph<SourceShape<TOut>, T> source) => new(this, Add(source).Outlet);

        public ForwardOps<TOut, T> From<TIn, TOut>(FlowShape<TIn, TOut> flow) => new(this, flow.Outlet);

        public ForwardOps<TOut, T> From<TIn, TOut>(IGraph<FlowShape<TIn, TOut>, T> flow) => new(this, Add(flow).Outlet);

        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanInShape<TIn, TOut> fanIn) => new(this, fanIn.Out);

        /// <summary>From the first outlet that is free.</summary>
        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanOutShape<TIn, TOut> fanOut) =>
            new(this, FreeOutlet(fanOut));

        public ReverseOps<TIn, T> To<TIn>(Inlet<TIn> inlet) => new(this, inlet);

        public ReverseOps<TIn, T> To<TIn>(SinkShape<TIn> sink) => new(this, sink.Inlet);

        public ReverseOps<TIn, T> To<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> sink) => new(this, Add(sink).Inlet);

        public ReverseOps<TIn, T> To<TIn, TOut>(FlowShape<TIn, TOut> flow) => new(this, flow.Inlet);

        public ReverseOps<TIn, T> To<TIn, TOut, TMat>(IGraph<FlowShape<TIn, TOut>, TMat> flow) =>
            new(this, Add(flow).Inlet);

        /// <summary>To the first inlet that is free.</summary>
        public ReverseOps<TIn, T> To<TIn, TOut>(UniformFanInShape<TIn, TOut> fanIn) => new(this, FreeInlet(fanIn));

        public ReverseOps<TIn, T> To<TIn, TOut>(UniformFanOutShape<TIn, TOut> fanOut) => new(this, fanOut.In);
    }

    /// <summary>An outlet waiting to be linked.</summary>
    public sealed class ForwardOps<TOut, TMat>(Builder<TMat> builder, Outlet<TOut> output)
    {
        internal readonly Builder<TMat> Builder = builder;

        public Outlet<TOut> Out { get; } = output;
    }

    /// <summary>An inlet waiting to be linked.</summary>
    public sealed class ReverseOps<TIn, TMat>(Builder<TMat> builder, Inlet<TIn> input)
    {
        internal readonly Builder<TMat> Builder = builder;

        public Inlet<TIn> In { get; } = input;
    }
}
