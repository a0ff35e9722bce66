using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>One outlet.</summary>
public sealed class SourceShape<TOut>(Outlet<TOut> outlet) : Shape
{
    public readonly Outlet<TOut> Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));

    public override ImmutableArray<Inlet> Inlets => [];

    public override ImmutableArray<Outlet> Outlets { get; } = [outlet];

    public override Shape DeepCopy() => new SourceShape<TOut>((Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, 0, outlets, 1);
        return new SourceShape<TOut>((Outlet<TOut>)outlets[0]);
    }
}

/// <summary>One inlet.</summary>
public sealed class SinkShape<TIn>(Inlet<TIn> inlet) : Shape
{
    public readonly Inlet<TIn> Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));

    public override ImmutableArray<Inlet> Inlets { get; } = [inlet];

    public override ImmutableArray<Outlet> Outlets => [];

    public override Shape DeepCopy() => new SinkShape<TIn>((Inlet<TIn>)Inlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, 1, outlets, 0);
        return new SinkShape<TIn>((Inlet<TIn>)inlets[0]);
    }
}

/// <summary>A shape of one inlet and one outlet, types aside.</summary>
public interface IFlowShape
{
    Inlet Inlet { get; }

    Outlet Outlet { get; }
}

/// <summary>One inlet and one outlet.</summary>
public sealed class FlowShape<TIn, TOut>(Inlet<TIn> inlet, Outlet<TOut> outlet) : Shape, IFlowShape
{
    public Inlet<TIn> Inlet { get; } = inlet ?? throw new ArgumentNullException(nameof(inlet));

    public Outlet<TOut> Outlet { get; } = outlet ?? throw new ArgumentNullException(nameof(outlet));

    Inlet IFlowShape.Inlet => Inlet;

    Outlet IFlowShape.Outlet => Outlet;

    public override ImmutableArray<Inlet> Inlets { get; } = [inlet];

    public override ImmutableArray<Outlet> Outlets { get; } = [outlet];

    public override Shape DeepCopy() =>
        new FlowShape<TIn, TOut>((Inlet<TIn>)Inlet.CarbonCopy(), (Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, 1, outlets, 1);
        return new FlowShape<TIn, TOut>((Inlet<TIn>)inlets[0], (Outlet<TOut>)outlets[0]);
    }
}
