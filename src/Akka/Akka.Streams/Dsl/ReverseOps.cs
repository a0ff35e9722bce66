namespace Akka.Streams.Dsl;

/// <summary>Links from an inlet backwards.</summary>
public static class ReverseOps
{
    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(
        this GraphDsl.ReverseOps<TIn, TMat> ops,
        Outlet<TOut> outlet
    )
        where TIn : TOut => Link(ops, outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(
        this GraphDsl.ReverseOps<TIn, TMat> ops,
        SourceShape<TOut> source
    )
        where TIn : TOut => Link(ops, source.Outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(
        this GraphDsl.ReverseOps<TIn, TMat> ops,
        IGraph<SourceShape<TOut>, TMat> source
    )
        where TIn : TOut => Link(ops, ops.Builder.Add(source).Outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(
        this GraphDsl.ReverseOps<TIn, TMat> ops,
        FlowShape<TIn, TOut> flow
    )
        where TIn : TOut => Link(ops, flow.Outlet);

    private static GraphDsl.Builder<TMat> Link<TIn, TMat>(GraphDsl.ReverseOps<TIn, TMat> ops, OutPort outlet)
    {
        ops.Builder.Link(outlet, ops.In);
        return ops.Builder;
    }
}
