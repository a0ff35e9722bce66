using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Takes up to <paramref name="size"/> elements ahead of demand; the strategy says what happens to more.</summary>
    public static Flow<TIn, TOut, TMat> Buffer<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        int size,
        OverflowStrategy strategy
    ) => flow.Via(new Buffer<TOut>(size, strategy));

    /// <summary>While downstream is slower, folds elements into batches of up to <paramref name="max"/>.</summary>
    public static Flow<TIn, TOut2, TMat> Batch<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        long max,
        Func<TOut1, TOut2> seed,
        Func<TOut2, TOut1, TOut2> aggregate
    ) => flow.Via(new Batch<TOut1, TOut2>(max, static _ => 1, seed, aggregate));

    /// <summary>While downstream is slower, folds elements into batches of up to that weight.</summary>
    public static Flow<TIn, TOut2, TMat> BatchWeighted<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        long max,
        Func<TOut1, long> costFunction,
        Func<TOut1, TOut2> seed,
        Func<TOut2, TOut1, TOut2> aggregate
    ) => flow.Via(new Batch<TOut1, TOut2>(max, costFunction, seed, aggregate));

    /// <summary>While downstream is slower, folds elements into one.</summary>
    public static Flow<TIn, TOut, TMat> Conflate<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Func<TOut, TOut, TOut> aggregate
    ) => flow.Via(new Batch<TOut, TOut>(1, static _ => 0, static element => element, aggregate));

    /// <summary>While downstream is slower, folds elements into one of another type.</summary>
    public static Flow<TIn, TSeed, TMat> ConflateWithSeed<TIn, TOut, TMat, TSeed>(
        this Flow<TIn, TOut, TMat> flow,
        Func<TOut, TSeed> seed,
        Func<TSeed, TOut, TSeed> aggregate
    ) => flow.Via(new Batch<TOut, TSeed>(1, static _ => 0, seed, aggregate));

    /// <summary>Takes one element ahead of demand.</summary>
    public static Flow<TIn, TOut, TMat> Detach<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow) =>
        flow.Via(new Detacher<TOut>());
}
