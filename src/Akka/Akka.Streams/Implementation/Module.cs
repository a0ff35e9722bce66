using Akka.Streams.Implementation.Fusing;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>Makes the logic of one stage, types aside.</summary>
internal interface IStageDefinition
{
    (GraphStageLogic Logic, object? MaterializedValue) Create(Attributes attributes);
}

/// <summary>
/// A blueprint without types. Ports are known by position only, so a module can stand in a graph any number of times.
/// </summary>
internal abstract class Module
{
    public Attributes Attributes { get; private set; } = Attributes.None;

    public Module WithAttributes(Attributes attributes)
    {
        var copy = (Module)MemberwiseClone();
        copy.Attributes = attributes;
        return copy;
    }

    /// <summary>Makes the stages and tells their open ports and the value they yield.</summary>
    public Instance Build(Materialization session, Attributes inherited, IslandPlan island)
    {
        if (ReferenceEquals(Attributes, Attributes.None))
            return BuildWith(session, inherited, island);
        var attributes = inherited.And(Attributes);
        var isAsync = Attributes.GetAttribute<Attributes.AsyncBoundary>() is not null;
        return BuildWith(session, attributes, isAsync ? session.NewIsland(attributes) : island);
    }

    protected abstract Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island);
}

/// <summary>An inlet of a stage being built.</summary>
internal readonly record struct InletRef(GraphStageLogic Logic, Inlet Inlet, int Index, IslandPlan Island);

/// <summary>An outlet of a stage being built.</summary>
internal readonly record struct OutletRef(GraphStageLogic Logic, Outlet Outlet, int Index, IslandPlan Island);

/// <summary>What a module has become: its open ports, in the order of its shape, and the value it yields.</summary>
internal readonly record struct Instance(InletRef[] Inlets, OutletRef[] Outlets, object? MaterializedValue);

/// <summary>One stage.</summary>
internal sealed class StageModule(IStageDefinition stage, Shape shape) : Module
{
    protected override Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island)
    {
        PortNumbering.Assign(shape);
        var (logic, value) = stage.Create(attributes);
        logic.StageAttributes = attributes;
        island.Add(logic);
        var inlets = shape.Inlets;
        var outlets = shape.Outlets;
        var instance = new Instance(new InletRef[inlets.Length], new OutletRef[outlets.Length], value);
        for (var i = 0; i < inlets.Length; i++)
            instance.Inlets[i] = new InletRef(logic, inlets[i], i, island);
        for (var i = 0; i < outlets.Length; i++)
            instance.Outlets[i] = new OutletRef(logic, outlets[i], i, island);
        return instance;
    }
}

/// <summary>Another module whose value is changed on the way out.</summary>
internal sealed class TransformModule(Module inner, Func<object?, object?> transform) : Module
{
    protected override Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island)
    {
        var instance = inner.Build(session, attributes, island);
        return instance with { MaterializedValue = transform(instance.MaterializedValue) };
    }
}

/// <summary>Two modules, the first one's outlet joined to the second one's inlet.</summary>
internal sealed class FusedModule(Module first, Module second, Func<object?, object?, object?> combine) : Module
{
    protected override Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island)
    {
        var left = first.Build(session, attributes, island);
        var right = second.Build(session, attributes, island);
        session.Connect(left.Outlets[0], right.Inlets[0]);
        return new Instance(left.Inlets, right.Outlets, combine(left.MaterializedValue, right.MaterializedValue));
    }
}

/// <summary>Several modules wired by position.</summary>
internal sealed class CompositeModule(
    IReadOnlyList<Module> children,
    IReadOnlyList<Wire> wires,
    IReadOnlyList<PortPosition> inlets,
    IReadOnlyList<PortPosition> outlets,
    Func<object?[], object?> combine
) : Module
{
    protected override Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island)
    {
        var instances = new Instance[children.Count];
        for (var i = 0; i < instances.Length; i++)
            instances[i] = children[i].Build(session, attributes, island);
        foreach (var (from, to) in wires)
            session.Connect(instances[from.Child].Outlets[from.Index], instances[to.Child].Inlets[to.Index]);
        return new Instance(
            [.. inlets.Select(port => instances[port.Child].Inlets[port.Index])],
            [.. outlets.Select(port => instances[port.Child].Outlets[port.Index])],
            combine(Array.ConvertAll(instances, static instance => instance.MaterializedValue))
        );
    }
}

/// <summary>A port of a child module, by the positions of both.</summary>
internal readonly record struct PortPosition(int Child, int Index);

/// <summary>A link from an outlet to an inlet.</summary>
internal readonly record struct Wire(PortPosition From, PortPosition To);
