using Akka.Streams.Dsl.Internal;

namespace Akka.Streams.Dsl;

/// <summary>Builds graphs of any form: junctions, cycles, several open ports.</summary>
public static partial class GraphDsl
{
    /// <summary>A graph without a value.</summary>
    public static IGraph<TShape, NotUsed> Create<TShape>(Func<Builder<NotUsed>, TShape> buildBlock)
        where TShape : Shape => CreateMaterialized(buildBlock);

    /// <summary>A graph whose value is made of nothing: <see cref="NotUsed"/> seen as that type, or its default.</summary>
    public static IGraph<TShape, TMat> CreateMaterialized<TShape, TMat>(Func<Builder<TMat>, TShape> buildBlock)
        where TShape : Shape
    {
        var builder = new Builder<TMat>();
        return Finish(builder, buildBlock(builder), static _ => NotUsed.Instance is TMat value ? value : default!);
    }

    /// <summary>A graph whose value is that of <paramref name="g1"/>.</summary>
    public static IGraph<TShape, TMat> Create<TShape, TMat, TShape1>(
        IGraph<TShape1, TMat> g1,
        Func<Builder<TMat>, TShape1, TShape> buildBlock
    )
        where TShape : Shape
        where TShape1 : Shape
    {
        var builder = new Builder<TMat>();
        var shape1 = builder.Add(g1);
        return Finish(builder, buildBlock(builder, shape1), static values => (TMat)values[0]!);
    }

    /// <summary>A graph whose value combines those of two graphs.</summary>
    public static IGraph<TShape, TMat> Create<TShape, TMat, TMat1, TMat2, TShape1, TShape2>(
        IGraph<TShape1, TMat1> g1,
        IGraph<TShape2, TMat2> g2,
        Func<TMat1, TMat2, TMat> combineMaterializers,
        Func<Builder<TMat>, TShape1, TShape2, TShape> buildBlock
    )
        where TShape : Shape
        where TShape1 : Shape
        where TShape2 : Shape
    {
        var builder = new Builder<TMat>();
        var (shape1, shape2) = (builder.Add(g1), builder.Add(g2));
        return Finish(
            builder,
            buildBlock(builder, shape1, shape2),
            values => combineMaterializers((TMat1)values[0]!, (TMat2)values[1]!)
        );
    }

    /// <summary>A graph whose value combines those of three graphs.</summary>
    public static IGraph<TShape, TMat> Create<TShape, TMat, TMat1, TMat2, TMat3, TShape1, TShape2, TShape3>(
        IGraph<TShape1, TMat1> g1,
        IGraph<TShape2, TMat2> g2,
        IGraph<TShape3, TMat3> g3,
        Func<TMat1, TMat2, TMat3, TMat> combineMaterializers,
        Func<Builder<TMat>, TShape1, TShape2, TShape3, TShape> buildBlock
    )
        where TShape : Shape
        where TShape1 : Shape
        where TShape2 : Shape
        where TShape3 : Shape
    {
        var builder = new Builder<TMat>();
        var (shape1, shape2, shape3) = (builder.Add(g1), builder.Add(g2), builder.Add(g3));
        return Finish(
            builder,
            buildBlock(builder, shape1, shape2, shape3),
            values => combineMaterializers((TMat1)values[0]!, (TMat2)values[1]!, (TMat3)values[2]!)
        );
    }

    private static GraphImpl<TShape, TMat> Finish<TShape, TMat>(
        Builder<TMat> builder,
        TShape shape,
        Func<object?[], TMat> combine
    )
        where TShape : Shape => new((TShape)shape.DeepCopy(), builder.Build(shape, values => combine(values)));
}
