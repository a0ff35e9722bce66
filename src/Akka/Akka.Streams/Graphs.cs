using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>A blueprint of stages with open ports, reusable any number of times.</summary>
public interface IGraph<out TShape>
    where TShape : Shape
{
    TShape Shape { get; }

    internal Module Module { get; }
}

/// <summary>A blueprint that yields a value of type <typeparamref name="TMaterialized"/> each time it is run.</summary>
public interface IGraph<out TShape, out TMaterialized> : IGraph<TShape>
    where TShape : Shape
{
    /// <summary>The same graph with these attributes instead of its own.</summary>
    IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes);

    /// <summary>The same graph with these attributes added, more specific than its own.</summary>
    IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes);

    IGraph<TShape, TMaterialized> Named(string name);

    /// <summary>The same graph, run in an actor of its own.</summary>
    IGraph<TShape, TMaterialized> Async();
}
