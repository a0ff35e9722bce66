using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

public sealed partial class Source<TOut, TMat>
{
    /// <summary>Joins a sink, runs, and returns the value of the sink.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, IMaterializer materializer) =>
        ToMaterialized(sink, Keep.Right).Run(materializer);

    /// <summary>Joins a sink, runs with the materializer of the actor system, and returns the value of the sink.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, ActorSystem actorSystem) =>
        ToMaterialized(sink, Keep.Right).Run(actorSystem);

    /// <summary>Folds all elements; fails when the stream does.</summary>
    public Task<TOut2> RunAggregate<TOut2>(
        TOut2 zero,
        Func<TOut2, TOut, TOut2> aggregate,
        IMaterializer materializer
    ) => RunWith(Sink.Aggregate(zero, aggregate), materializer);

    /// <summary>Folds all elements; fails when the stream does.</summary>
    public Task<TOut2> RunAggregate<TOut2>(TOut2 zero, Func<TOut2, TOut, TOut2> aggregate, ActorSystem actorSystem) =>
        RunWith(Sink.Aggregate(zero, aggregate), actorSystem);

    /// <summary>Folds all elements, starting with the first.</summary>
    public Task<TOut> RunSum(Func<TOut, TOut, TOut> reduce, IMaterializer materializer) =>
        RunWith(Sink.Sum(reduce), materializer);

    /// <summary>Folds all elements, starting with the first.</summary>
    public Task<TOut> RunSum(Func<TOut, TOut, TOut> reduce, ActorSystem actorSystem) =>
        RunWith(Sink.Sum(reduce), actorSystem);

    /// <summary>Calls the action with each element.</summary>
    public Task RunForeach(Action<TOut> action, IMaterializer materializer) =>
        RunWith(Sink.ForEach(action), materializer);

    /// <summary>Calls the action with each element.</summary>
    public Task RunForeach(Action<TOut> action, ActorSystem actorSystem) => RunWith(Sink.ForEach(action), actorSystem);

    /// <summary>The elements as a sequence: each enumeration runs the source, and cancels it when left early.</summary>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerable(IMaterializer materializer) =>
        StreamEnumerable.Of(() => RunWith(Sink.Queue<TOut>(), materializer));

    /// <summary>The elements as a sequence: each enumeration runs the source, and cancels it when left early.</summary>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerable(ActorSystem actorSystem) =>
        StreamEnumerable.Of(() => RunWith(Sink.Queue<TOut>(), actorSystem));
}
