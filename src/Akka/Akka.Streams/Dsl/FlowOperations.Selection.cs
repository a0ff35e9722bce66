using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Emits the first <paramref name="n"/> elements, then completes.</summary>
    public static Flow<TIn, TOut, TMat> Take<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long n) =>
        flow.Via(new Take<TOut>(n));

    /// <summary>Emits elements while the predicate holds, then completes; if <paramref name="inclusive"/> with the first that it does not hold for.</summary>
    public static Flow<TIn, TOut, TMat> TakeWhile<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Predicate<TOut> predicate,
        bool inclusive = false
    ) => flow.Via(new TakeWhile<TOut>(predicate, inclusive));

    /// <summary>Emits elements for that long, then completes.</summary>
    public static Flow<TIn, TOut, TMat> TakeWithin<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan duration
    ) => flow.Via(new TakeWithin<TOut>(duration));

    /// <summary>Drops the first <paramref name="n"/> elements.</summary>
    public static Flow<TIn, TOut, TMat> Skip<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long n) =>
        flow.Via(new Skip<TOut>(n));

    /// <summary>Drops elements while the predicate holds.</summary>
    public static Flow<TIn, TOut, TMat> SkipWhile<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Predicate<TOut> predicate
    ) => flow.Via(new SkipWhile<TOut>(predicate));

    /// <summary>Fails when there are more than <paramref name="max"/> elements.</summary>
    public static Flow<TIn, TOut, TMat> Limit<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long max) =>
        flow.Via(Limits.Of<TOut>(max, static _ => 1));

    /// <summary>Fails when the elements cost more than <paramref name="max"/> together.</summary>
    public static Flow<TIn, TOut, TMat> LimitWeighted<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        long max,
        Func<TOut, long> costFunc
    ) => flow.Via(Limits.Of(max, costFunc));
}
