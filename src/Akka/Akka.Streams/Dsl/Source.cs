using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Util;

namespace Akka.Streams.Dsl;

/// <summary>Makes sources.</summary>
public static class Source
{
    public static Source<T, TMat> FromGraph<T, TMat>(IGraph<SourceShape<T>, TMat> source) =>
        source as Source<T, TMat> ?? new Source<T, TMat>(source.Module);

    /// <summary>Emits what each run's enumerator of the sequence yields.</summary>
    public static Source<T, NotUsed> From<T>(IEnumerable<T> enumerable) => FromEnumerator(enumerable.GetEnumerator);

    /// <summary>Emits what each run's asynchronous enumerator yields.</summary>
    public static Source<T, NotUsed> From<T>(Func<IAsyncEnumerable<T>> asyncEnumerable) =>
        Plain<T>((stage, _) => new AsyncEnumeratorLogic<T>(stage.Shape, asyncEnumerable));

    /// <summary>Emits what an enumerator made for each run yields.</summary>
    public static Source<T, NotUsed> FromEnumerator<T>(Func<IEnumerator<T>> enumeratorFactory) =>
        Plain<T>((stage, attributes) => new EnumeratorLogic<T>(stage.Shape, enumeratorFactory, attributes));

    /// <summary>Emits the sequence again and again; fails when it is empty.</summary>
    public static Source<T, NotUsed> Cycle<T>(Func<IEnumerator<T>> enumeratorFactory) =>
        FromEnumerator(() => Repeated(enumeratorFactory));

    /// <summary>Emits the result of the task.</summary>
    public static Source<T, NotUsed> FromTask<T>(Task<T> task) =>
        Plain<T>((stage, _) => new TaskLogic<T>(stage.Shape, task));

    /// <summary>Emits an element at intervals, when there is demand, until the value it yields is cancelled.</summary>
    public static Source<T, ICancelable> Tick<T>(TimeSpan initialDelay, TimeSpan interval, T tick) =>
        FromGraph(new TickSource<T>(initialDelay, interval, tick));

    public static Source<T, NotUsed> Single<T>(T element) =>
        Plain<T>((stage, _) => new RepeatLogic<T>(stage.Shape, element, isOnce: true));

    public static Source<T, NotUsed> Repeat<T>(T element) =>
        Plain<T>((stage, _) => new RepeatLogic<T>(stage.Shape, element, isOnce: false));

    public static Source<T, NotUsed> Empty<T>() => Plain<T>((stage, _) => new EndedLogic<T>(stage.Shape, null));

    public static Source<T, NotUsed> Failed<T>(Exception cause) =>
        Plain<T>((stage, _) => new EndedLogic<T>(stage.Shape, cause));

    public static Source<T, NotUsed> Never<T>() => Plain<T>((stage, _) => new NeverLogic<T>(stage.Shape));

    /// <summary>Emits the value given to the completion source that it yields; a default value only completes.</summary>
    public static Source<T, TaskCompletionSource<T>> Maybe<T>() => FromGraph(new MaybeSource<T>());

    /// <summary>Emits what the function makes of a state, until it yields nothing.</summary>
    public static Source<TElem, NotUsed> Unfold<TState, TElem>(
        TState state,
        Func<TState, Option<(TState, TElem)>> unfold
    ) => Plain<TElem>((stage, _) => new UnfoldLogic<TState, TElem>(stage.Shape, state, unfold));

    /// <summary>Emits what the function asynchronously makes of a state, until it yields nothing.</summary>
    public static Source<TElem, NotUsed> UnfoldAsync<TState, TElem>(
        TState state,
        Func<TState, Task<Option<(TState, TElem)>>> unfoldAsync
    ) => Plain<TElem>((stage, _) => new UnfoldAsyncLogic<TState, TElem>(stage.Shape, state, unfoldAsync));

    /// <summary>Emits what the function makes of a state, for ever.</summary>
    public static Source<TElem, NotUsed> UnfoldInfinite<TState, TElem>(
        TState state,
        Func<TState, (TState, TElem)> unfold
    ) => Unfold<TState, TElem>(state, current => unfold(current));

    /// <summary>Emits what is read from a resource, which is opened for each run and closed at its end.</summary>
    public static Source<T, NotUsed> UnfoldResource<T, TSource>(
        Func<TSource> create,
        Func<TSource, Option<T>> read,
        Action<TSource> close
    ) => Plain<T>((stage, attributes) => new ResourceLogic<TSource, T>(stage.Shape, create, read, close, attributes));

    /// <summary>Emits what is offered to the queue that it yields; the strategy says what happens when it is full.</summary>
    public static Source<T, ISourceQueueWithComplete<T>> Queue<T>(int bufferSize, OverflowStrategy overflowStrategy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        return FromGraph(new QueueSource<T>(bufferSize, overflowStrategy));
    }

    /// <summary>Emits the messages sent to the actor reference that it yields.</summary>
    public static Source<T, IActorRef> ActorRef<T>(int bufferSize, OverflowStrategy overflowStrategy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        if (overflowStrategy == OverflowStrategy.Backpressure)
            throw new NotSupportedException("Backpressure overflow strategy is not supported");
        return FromGraph(new ActorRefSource<T>(bufferSize, overflowStrategy));
    }

    /// <summary>Makes the source when there is demand for the first time.</summary>
    public static Source<T, Task<TMat>> Lazily<T, TMat>(Func<Source<T, TMat>> create) =>
        FromGraph(new LazySource<T, TMat>(() => Task.FromResult(create()), onDemand: true));

    /// <summary>Emits the elements of the source that the task yields.</summary>
    public static Source<T, Task<TMat>> FromTaskSource<T, TMat>(Task<Source<T, TMat>> task) =>
        FromGraph(new LazySource<T, TMat>(() => task, onDemand: false));

    /// <summary>Joins sources by a junction.</summary>
    public static Source<TOut2, NotUsed> Combine<T, TOut2>(
        Source<T, NotUsed> first,
        Source<T, NotUsed> second,
        Func<int, IGraph<UniformFanInShape<T, TOut2>, NotUsed>> strategy,
        params Source<T, NotUsed>[] rest
    )
    {
        IGraph<SourceShape<T>>[] sources = [first, second, .. rest];
        return new Source<TOut2, NotUsed>(
            new CompositeModule(
                [strategy(sources.Length).Module, .. sources.Select(source => source.Module)],
                [.. sources.Select((_, i) => new Wire(new(i + 1, 0), new(0, i)))],
                [],
                [new(0, 0)],
                static _ => NotUsed.Instance
            )
        );
    }

    private static Source<T, NotUsed> Plain<T>(Func<PlainSource<T>, Attributes, Stage.GraphStageLogic> create) =>
        FromGraph(new PlainSource<T>(create));

    private static IEnumerator<T> Repeated<T>(Func<IEnumerator<T>> create)
    {
        while (true)
        {
            using var round = create();
            if (!round.MoveNext())
                throw new ArgumentException("empty iterator");
            do yield return round.Current;
            while (round.MoveNext());
        }
    }
}
