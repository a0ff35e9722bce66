using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>The ports of a graph.</summary>
public abstract class Shape : ICloneable
{
    public abstract ImmutableArray<Inlet> Inlets { get; }

    public abstract ImmutableArray<Outlet> Outlets { get; }

    /// <summary>A shape of this kind with new ports of the same names and types.</summary>
    public abstract Shape DeepCopy();

    /// <summary>A shape of this kind made of the given ports.</summary>
    public abstract Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets);

    public bool HasSamePortsAs(Shape shape) =>
        Inlets.ToHashSet().SetEquals(shape.Inlets) && Outlets.ToHashSet().SetEquals(shape.Outlets);

    public bool HasSamePortsAndShapeAs(Shape shape) =>
        Inlets.SequenceEqual(shape.Inlets) && Outlets.SequenceEqual(shape.Outlets);

    public object Clone() => DeepCopy();

    public sealed override string ToString() =>
        $"{GetType().Name}([{string.Join(", ", Inlets)}] [{string.Join(", ", Outlets)}])";

    private protected static void RequirePorts(
        ImmutableArray<Inlet> inlets,
        int inletCount,
        ImmutableArray<Outlet> outlets,
        int outletCount
    )
    {
        if (inlets.Length != inletCount)
            throw new ArgumentException($"proposed inlets {inlets.Length}, expected {inletCount}", nameof(inlets));
        if (outlets.Length != outletCount)
            throw new ArgumentException($"proposed outlets {outlets.Length}, expected {outletCount}", nameof(outlets));
    }
}

/// <summary>A graph without open ports: it can be run.</summary>
public sealed class ClosedShape : Shape
{
    public static readonly ClosedShape Instance = new();

    private ClosedShape() { }

    public override ImmutableArray<Inlet> Inlets => [];

    public override ImmutableArray<Outlet> Outlets => [];

    public override Shape DeepCopy() => this;

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, 0, outlets, 0);
        return this;
    }
}

/// <summary>Any number of inlets and outlets of unrelated types.</summary>
public class AmorphousShape(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets) : Shape
{
    public override ImmutableArray<Inlet> Inlets { get; } = inlets;

    public override ImmutableArray<Outlet> Outlets { get; } = outlets;

    public override Shape DeepCopy() =>
        new AmorphousShape(
            [.. Inlets.Select(inlet => inlet.CarbonCopy())],
            [.. Outlets.Select(outlet => outlet.CarbonCopy())]
        );

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets) =>
        new AmorphousShape(inlets, outlets);
}
