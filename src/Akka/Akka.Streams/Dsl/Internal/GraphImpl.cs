using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl.Internal;

/// <summary>A module with its types back on.</summary>
internal sealed class GraphImpl<TShape, TMaterialized>(TShape shape, Module module) : IGraph<TShape, TMaterialized>
    where TShape : Shape
{
    public TShape Shape { get; } = shape;

    Module IGraph<TShape>.Module => module;

    public IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes) =>
        new GraphImpl<TShape, TMaterialized>(Shape, module.WithAttributes(attributes));

    public IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes) =>
        WithAttributes(module.Attributes.And(attributes));

    public IGraph<TShape, TMaterialized> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<TShape, TMaterialized> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}
