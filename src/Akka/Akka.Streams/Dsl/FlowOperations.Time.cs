using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of flows.</summary>
public static partial class FlowOperations
{
    /// <summary>Lets elements through at <paramref name="elements"/> per time, with bursts of up to <paramref name="maximumBurst"/>.</summary>
    public static Flow<TIn, TOut, TMat> Throttle<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        int elements,
        TimeSpan per,
        int maximumBurst,
        ThrottleMode mode
    ) => flow.Via(new Throttle<TOut>(elements, per, maximumBurst, static _ => 1, mode));

    /// <summary>Lets elements through at a cost per time, with bursts of up to <paramref name="maximumBurst"/>.</summary>
    public static Flow<TIn, TOut, TMat> Throttle<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        int cost,
        TimeSpan per,
        int maximumBurst,
        Func<TOut, int> calculateCost,
        ThrottleMode mode
    ) => flow.Via(new Throttle<TOut>(cost, per, maximumBurst, calculateCost, mode));

    /// <summary>Emits each element that long after it came; what waits is in a buffer of the size of the input buffer.</summary>
    public static Flow<TIn, TOut, TMat> Delay<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan of,
        DelayOverflowStrategy? strategy = null
    ) => flow.Via(new Delay<TOut>(of, strategy ?? DelayOverflowStrategy.DropTail));

    /// <summary>Holds the first element back for that long.</summary>
    public static Flow<TIn, TOut, TMat> InitialDelay<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan delay
    ) => flow.Via(new InitialDelay<TOut>(delay));

    /// <summary>Fails with a TimeoutException when the first element takes longer.</summary>
    public static Flow<TIn, TOut, TMat> InitialTimeout<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan timeout
    ) => flow.Via(new Timeout<TOut>(timeout, TimeoutKind.Initial));

    /// <summary>Fails with a TimeoutException when completion takes longer.</summary>
    public static Flow<TIn, TOut, TMat> CompletionTimeout<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan timeout
    ) => flow.Via(new Timeout<TOut>(timeout, TimeoutKind.Completion));

    /// <summary>Fails with a TimeoutException when no element passes for that long.</summary>
    public static Flow<TIn, TOut, TMat> IdleTimeout<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan timeout
    ) => flow.Via(new Timeout<TOut>(timeout, TimeoutKind.Idle));

    /// <summary>Fails with a TimeoutException when downstream asks for nothing for that long after an element.</summary>
    public static Flow<TIn, TOut, TMat> BackpressureTimeout<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow,
        TimeSpan timeout
    ) => flow.Via(new Timeout<TOut>(timeout, TimeoutKind.Backpressure));

    /// <summary>Emits an element of its own when none comes for that long.</summary>
    public static Flow<TIn, TOut2, TMat> KeepAlive<TIn, TOut1, TOut2, TMat>(
        this Flow<TIn, TOut1, TMat> flow,
        TimeSpan timeout,
        Func<TOut2> injectElement
    )
        where TOut1 : TOut2 => flow.Via(new IdleInject<TOut1, TOut2>(timeout, injectElement));
}
