using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

public static partial class GraphDsl
{
    /// <summary>Takes graphs and links between their ports. The first graphs' values are those of <c>Create</c>.</summary>
    public sealed partial class Builder<T>
    {
        private readonly List<Module> _children = [];
        private readonly List<Wire> _wires = [];
        private readonly Dictionary<InPort, PortPosition> _inlets = [];
        private readonly Dictionary<OutPort, PortPosition> _outlets = [];
        private readonly HashSet<object> _connected = [];

        internal Builder() { }

        /// <summary>Adds a graph, as often as wanted; returns the ports of this instance of it.</summary>
        public TShape Add<TShape, TMat>(IGraph<TShape, TMat> graph)
            where TShape : Shape
        {
            var shape = (TShape)graph.Shape.DeepCopy();
            for (var i = 0; i < shape.Inlets.Length; i++)
                _inlets.Add(shape.Inlets[i], new PortPosition(_children.Count, i));
            for (var i = 0; i < shape.Outlets.Length; i++)
                _outlets.Add(shape.Outlets[i], new PortPosition(_children.Count, i));
            _children.Add(graph.Module);
            return shape;
        }

        internal void Link(OutPort from, InPort to)
        {
            if (!_outlets.Remove(from, out var source))
                throw Refusal("output", from);
            if (!_inlets.Remove(to, out var target))
                throw Refusal("input", to);
            _connected.Add(from);
            _connected.Add(to);
            _wires.Add(new Wire(source, target));
        }

        private ArgumentException Refusal(string kind, object port) =>
            new(
                _connected.Contains(port)
                    ? $"The {kind} port [{port}] is already connected"
                    : $"The {kind} port [{port}] is not part of the graph"
            );

        internal Inlet<TIn> FreeInlet<TIn, TOut>(UniformFanInShape<TIn, TOut> shape) =>
            shape.Ins.FirstOrDefault(_inlets.ContainsKey)
            ?? throw new ArgumentException("No more inlets free on the junction");

        internal Outlet<TOut> FreeOutlet<TIn, TOut>(UniformFanOutShape<TIn, TOut> shape) =>
            shape.Outs.FirstOrDefault(_outlets.ContainsKey)
            ?? throw new ArgumentException("No more outlets free on the junction");

        internal Module Build(Shape shape, Func<object?[], object?> combine)
        {
            var inlets = shape.Inlets.Select(inlet => _inlets[inlet]).ToArray();
            var outlets = shape.Outlets.Select(outlet => _outlets[outlet]).ToArray();
            if (inlets.Length != _inlets.Count || outlets.Length != _outlets.Count)
                throw new ArgumentException(
                    $"The graph has unconnected ports that its shape does not show: [{string.Join(", ", _inlets.Keys.Except(shape.Inlets))}] [{string.Join(", ", _outlets.Keys.Except(shape.Outlets))}]"
                );
            return new CompositeModule(_children, _wires, inlets, outlets, combine);
        }
    }
}
