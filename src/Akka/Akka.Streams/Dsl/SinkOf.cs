using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>A graph with one open inlet.</summary>
public sealed class Sink<TIn, TMat> : IGraph<SinkShape<TIn>, TMat>
{
    private readonly Module _module;

    internal Sink(Module module) => _module = module;

    public SinkShape<TIn> Shape => field ??= new SinkShape<TIn>(new Inlet<TIn>("sink.in"));

    Module IGraph<SinkShape<TIn>>.Module => _module;

    /// <summary>A sink for other elements, each turned into one for this sink.</summary>
    public Sink<TIn2, TMat> ContraMap<TIn2>(Func<TIn2, TIn> function) =>
        Flow.Create<TIn2>().Via(new Select<TIn2, TIn>(function)).ToMaterialized(this, Keep.Right);

    /// <summary>Joins a source, runs, and returns the value of the source.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SourceShape<TIn>, TMat2> source, IMaterializer materializer) =>
        Source.FromGraph(source).To(this).Run(materializer);

    public Sink<TIn, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> fn) => new(_module.Transform(fn));

    /// <summary>The same sink with these attributes instead of its own; they count for all its stages.</summary>
    public Sink<TIn, TMat> WithAttributes(Attributes attributes) => new(_module.WithAttributes(attributes));

    /// <summary>The same sink with these attributes added; they count for all its stages.</summary>
    public Sink<TIn, TMat> AddAttributes(Attributes attributes) => WithAttributes(_module.Attributes.And(attributes));

    public Sink<TIn, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    /// <summary>The same sink, run in an actor of its own.</summary>
    public Sink<TIn, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.WithAttributes(Attributes attributes) =>
        WithAttributes(attributes);

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.AddAttributes(Attributes attributes) =>
        AddAttributes(attributes);

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Named(string name) => Named(name);

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Async() => Async();
}
