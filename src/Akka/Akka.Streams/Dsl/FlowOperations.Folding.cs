using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Emits the start value, then every step of folding the elements.</summary>
    public static Flow<TIn, TOut2, TMat> Scan<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        TOut2 zero,
        Func<TOut2, TOut1, TOut2> scan
    ) => flow.Via(new Scan<TOut1, TOut2>(zero, scan));

    /// <summary>Emits the start value, then every step of folding the elements with tasks.</summary>
    public static Flow<TIn, TOut2, TMat> ScanAsync<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        TOut2 zero,
        Func<TOut2, TOut1, Task<TOut2>> scan
    ) => flow.Via(new AggregateAsync<TOut1, TOut2>(zero, scan, emitsSteps: true));

    /// <summary>Emits the result of folding all elements.</summary>
    public static Flow<TIn, TOut2, TMat> Aggregate<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        TOut2 zero,
        Func<TOut2, TOut1, TOut2> fold
    ) => flow.Via(new Aggregate<TOut1, TOut2>(zero, fold));

    /// <summary>Emits the result of folding all elements with tasks.</summary>
    public static Flow<TIn, TOut2, TMat> AggregateAsync<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        TOut2 zero,
        Func<TOut2, TOut1, Task<TOut2>> fold
    ) => flow.Via(new AggregateAsync<TOut1, TOut2>(zero, fold, emitsSteps: false));

    /// <summary>Emits the result of folding all elements, the first of which is the start.</summary>
    public static Flow<TIn, TOut, TMat> Sum<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Func<TOut, TOut, TOut> reduce
    ) => flow.Via(new Sum<TOut>(reduce));

    /// <summary>Emits elements in groups of <paramref name="n"/>; the last one may be smaller.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> Grouped<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, int n) =>
        flow.Via(new Grouped<TOut>(n));

    /// <summary>Emits a group when it holds <paramref name="n"/> elements, or when the time is up and it is not empty.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> GroupedWithin<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        int n,
        TimeSpan timeout
    ) => flow.Via(new GroupedWeightedWithin<TOut>(long.MaxValue, n, static _ => 0, timeout));

    /// <summary>Emits a group when it has the weight or the number of elements, or when the time is up and it is not empty.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> GroupedWeightedWithin<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        long maxWeight,
        int maxNumber,
        TimeSpan interval,
        Func<TOut, long> costFn
    ) => flow.Via(new GroupedWeightedWithin<TOut>(maxWeight, maxNumber, costFn, interval));
}
