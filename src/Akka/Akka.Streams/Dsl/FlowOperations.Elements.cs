using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Emits what the function makes of each element.</summary>
    public static Flow<TIn, TOut2, TMat> Select<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, TOut2> mapper
    ) => flow.Via(new Select<TOut1, TOut2>(mapper));

    /// <summary>Emits the results of tasks made of the elements, in order, at most <paramref name="parallelism"/> at a time.</summary>
    public static Flow<TIn, TOut2, TMat> SelectAsync<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        int parallelism,
        Func<TOut1, Task<TOut2>> asyncMapper
    ) => flow.Via(new SelectAsync<TOut1, TOut2>(parallelism, asyncMapper, isOrdered: true));

    /// <summary>Emits the results of tasks made of the elements, as they come, at most <paramref name="parallelism"/> at a time.</summary>
    public static Flow<TIn, TOut2, TMat> SelectAsyncUnordered<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        int parallelism,
        Func<TOut1, Task<TOut2>> asyncMapper
    ) => flow.Via(new SelectAsync<TOut1, TOut2>(parallelism, asyncMapper, isOrdered: false));

    /// <summary>Emits the elements that the predicate holds for.</summary>
    public static Flow<TIn, TOut, TMat> Where<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Predicate<TOut> predicate
    ) => flow.Via(new Where<TOut>(predicate));

    /// <summary>Emits the elements that the predicate does not hold for.</summary>
    public static Flow<TIn, TOut, TMat> WhereNot<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        Predicate<TOut> predicate
    ) => flow.Via(new Where<TOut>(element => !predicate(element)));

    /// <summary>Emits what the function makes of the elements that the predicate holds for.</summary>
    public static Flow<TIn, TOut2, TMat> Collect<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, bool> isDefined,
        Func<TOut1, TOut2> collector
    ) => flow.Via(new Collect<TOut1, TOut2>(isDefined, collector));

    /// <summary>Emits what the function makes of each element, unless that is null.</summary>
    public static Flow<TIn, TOut2, TMat> Collect<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, TOut2> collector
    ) => flow.Via(new Collect<TOut1, TOut2>(static _ => true, collector));

    /// <summary>Emits all elements of the sequences made of the elements.</summary>
    public static Flow<TIn, TOut2, TMat> SelectMany<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, IEnumerable<TOut2>> mapConcater
    ) => flow.Via(new StatefulSelectMany<TOut1, TOut2>(() => mapConcater));

    /// <summary>Emits all elements of the sequences made of the elements by a function that each run makes anew.</summary>
    public static Flow<TIn, TOut2, TMat> StatefulSelectMany<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        Func<Func<TOut1, IEnumerable<TOut2>>> mapConcaterFactory
    ) => flow.Via(new StatefulSelectMany<TOut1, TOut2>(mapConcaterFactory));

    /// <summary>Emits each element with its position, from 0.</summary>
    public static Flow<TIn, (TOut, long), TMat> ZipWithIndex<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow) =>
        flow.Via(
            new StatefulSelectMany<TOut, (TOut, long)>(static () =>
            {
                var index = 0L;
                return element => [(element, index++)];
            })
        );

    /// <summary>Emits something between the elements.</summary>
    public static Flow<TIn, TOut, TMat> Intersperse<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, TOut inject) =>
        flow.Via(new Intersperse<TOut>(inject, null));

    /// <summary>Emits something between the elements, before the first and after the last.</summary>
    public static Flow<TIn, TOut, TMat> Intersperse<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TOut start,
        TOut inject,
        TOut end
    ) => flow.Via(new Intersperse<TOut>(inject, (start, end)));
}
