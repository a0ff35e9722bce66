using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>Makes sinks.</summary>
public static class Sink
{
    public static Sink<TIn, TMat> FromGraph<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) => Wrap(graph);

    public static Sink<TIn, TMat> Wrap<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) =>
        graph as Sink<TIn, TMat> ?? new Sink<TIn, TMat>(graph.Module);

    /// <summary>Yields the first element; fails without one.</summary>
    public static Sink<TIn, Task<TIn>> First<TIn>() =>
        Of<TIn, TIn>((shape, _) => new FirstLogic<TIn>(shape, orDefault: false));

    /// <summary>Yields the first element, or the default value.</summary>
    public static Sink<TIn, Task<TIn>> FirstOrDefault<TIn>() =>
        Of<TIn, TIn>((shape, _) => new FirstLogic<TIn>(shape, orDefault: true));

    /// <summary>Yields the last element; fails without one.</summary>
    public static Sink<TIn, Task<TIn>> Last<TIn>() =>
        Of<TIn, TIn>((shape, _) => new LastLogic<TIn>(shape, orDefault: false));

    /// <summary>Yields the last element, or the default value.</summary>
    public static Sink<TIn, Task<TIn>> LastOrDefault<TIn>() =>
        Of<TIn, TIn>((shape, _) => new LastLogic<TIn>(shape, orDefault: true));

    /// <summary>Yields all elements.</summary>
    public static Sink<TIn, Task<IImmutableList<TIn>>> Seq<TIn>() =>
        Of<TIn, IImmutableList<TIn>>((shape, _) => new SeqLogic<TIn>(shape));

    /// <summary>Drops everything; yields the end.</summary>
    public static Sink<TIn, Task<Done>> Ignore<TIn>() => Of<TIn, Done>((shape, _) => new IgnoreLogic<TIn>(shape));

    /// <summary>Calls the action with every element; yields the end.</summary>
    public static Sink<TIn, Task<Done>> ForEach<TIn>(Action<TIn> action) =>
        Flow.Create<TIn>()
            .Select(element =>
            {
                action(element);
                return NotUsed.Instance;
            })
            .ToMaterialized(Ignore<NotUsed>(), Keep.Right)
            .Named("foreachSink");

    /// <summary>Calls the action with every element, up to <paramref name="parallelism"/> at a time; yields the end.</summary>
    public static Sink<TIn, Task<Done>> ForEachAsync<TIn>(int parallelism, Func<TIn, Task> action) =>
        Flow.Create<TIn>()
            .SelectAsyncUnordered(
                parallelism,
                async element =>
                {
                    await action(element).ConfigureAwait(false);
                    return NotUsed.Instance;
                }
            )
            .ToMaterialized(Ignore<NotUsed>(), Keep.Right)
            .Named("foreachAsyncSink");

    /// <summary>Yields the result of folding all elements.</summary>
    public static Sink<TIn, Task<TOut>> Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) =>
        Flow.Create<TIn>().Aggregate(zero, aggregate).ToMaterialized(First<TOut>(), Keep.Right).Named("AggregateSink");

    /// <summary>Yields the result of folding all elements with tasks.</summary>
    public static Sink<TIn, Task<TOut>> AggregateAsync<TIn, TOut>(TOut zero, Func<TOut, TIn, Task<TOut>> aggregate) =>
        Flow.Create<TIn>()
            .AggregateAsync(zero, aggregate)
            .ToMaterialized(First<TOut>(), Keep.Right)
            .Named("AggregateAsyncSink");

    /// <summary>Yields the result of folding all elements, the first of which is the start.</summary>
    public static Sink<TIn, Task<TIn>> Sum<TIn>(Func<TIn, TIn, TIn> reduce) =>
        Flow.Create<TIn>().Sum(reduce).ToMaterialized(First<TIn>(), Keep.Right).Named("SumSink");

    /// <summary>Drops everything and calls one of the actions at the end.</summary>
    public static Sink<TIn, NotUsed> OnComplete<TIn>(Action success, Action<Exception> failure) =>
        Plain<TIn>((shape, _) => new OnCompleteLogic<TIn>(shape, success, failure));

    /// <summary>Cancels at once.</summary>
    public static Sink<TIn, NotUsed> Cancelled<TIn>() => Plain<TIn>((shape, _) => new CancelledLogic<TIn>(shape));

    /// <summary>Gives elements to who pulls them from the queue that it yields.</summary>
    public static Sink<TIn, ISinkQueue<TIn>> Queue<TIn>() => Wrap(new QueueSink<TIn>());

    /// <summary>Sends elements to the actor without back pressure, and a message or Status.Failure at the end.</summary>
    public static Sink<TIn, NotUsed> ActorRef<TIn>(IActorRef actorRef, object onCompleteMessage) =>
        ActorRef<TIn>(actorRef, onCompleteMessage, static error => new Status.Failure(error));

    /// <summary>Sends elements to the actor without back pressure, and a message at the end.</summary>
    public static Sink<TIn, NotUsed> ActorRef<TIn>(
        IActorRef actorRef,
        object onCompleteMessage,
        Func<Exception, object> onFailureMessage
    ) => Plain<TIn>((shape, _) => new ActorRefLogic<TIn>(shape, actorRef, onCompleteMessage, onFailureMessage));

    /// <summary>
    /// Sends a first message, then the elements, each after the actor has acknowledged what was before it, and a message at
    /// the end.
    /// </summary>
    public static Sink<TIn, NotUsed> ActorRefWithAck<TIn>(
        IActorRef actorRef,
        object onInitMessage,
        object ackMessage,
        object onCompleteMessage,
        Func<Exception, object>? onFailureMessage = null
    ) =>
        Plain<TIn>(
            (shape, attributes) =>
                new ActorRefWithAckLogic<TIn>(
                    shape,
                    actorRef,
                    onInitMessage,
                    ackMessage,
                    onCompleteMessage,
                    onFailureMessage ?? (static error => new Status.Failure(error)),
                    attributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max
                )
        );

    private static Sink<TIn, Task<TResult>> Of<TIn, TResult>(
        Func<SinkShape<TIn>, Attributes, TaskSinkLogic<TIn, TResult>> create
    ) => Wrap(new TaskSink<TIn, TResult>(create));

    private static Sink<TIn, NotUsed> Plain<TIn>(Func<SinkShape<TIn>, Attributes, Stage.GraphStageLogic> create) =>
        Wrap(new PlainSink<TIn>(create));
}
