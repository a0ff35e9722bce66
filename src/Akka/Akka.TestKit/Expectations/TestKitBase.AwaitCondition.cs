using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitOrFail(Promised(conditionIsFulfilled), null, null, null, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(Promised(conditionIsFulfilled), max, null, null, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        string? message,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(Promised(conditionIsFulfilled), max, null, message, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    ) =>
        AwaitOrFail(Promised(conditionIsFulfilled), max, interval, message, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitOrFail(Promised(conditionIsFulfilled), null, null, null, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        string? message,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(Promised(conditionIsFulfilled), max, null, message, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(Promised(conditionIsFulfilled), max, interval, message, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(conditionIsFulfilled, null, null, null, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(conditionIsFulfilled, max, null, null, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        string? message,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(conditionIsFulfilled, max, null, message, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds, at most for <c>max</c>, or what is left, or the default.</summary>
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default
    ) => AwaitOrFail(conditionIsFulfilled, max, interval, message, Waiting.Async, cancellationToken).AsTask();

    /// <summary>Waits until the condition holds; false when it does not within <paramref name="max"/>.</summary>
    public bool AwaitConditionNoThrow(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => Holds(Promised(conditionIsFulfilled), max, interval, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="AwaitConditionNoThrow"/>
    public Task<bool> AwaitConditionNoThrowAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => Holds(Promised(conditionIsFulfilled), max, interval, Waiting.Async, cancellationToken).AsTask();

    /// <inheritdoc cref="AwaitConditionNoThrow"/>
    public Task<bool> AwaitConditionNoThrowAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => Holds(conditionIsFulfilled, max, interval, Waiting.Async, cancellationToken).AsTask();

    private static Func<Task<bool>> Promised(Func<bool> condition) => () => Task.FromResult(condition());

    private async ValueTask AwaitOrFail(
        Func<Task<bool>> condition,
        TimeSpan? max,
        TimeSpan? interval,
        string? message,
        Waiting mode,
        CancellationToken token
    )
    {
        var limit = RemainingOrDilated(max);
        if (!await Holds(condition, limit, interval, mode, token))
            Fail($"timeout {limit} expired while waiting for condition{(message is null ? "" : $": {message}")}");
    }

    private static async ValueTask<bool> Holds(
        Func<Task<bool>> condition,
        TimeSpan max,
        TimeSpan? interval,
        Waiting mode,
        CancellationToken token
    )
    {
        var stop = Now + max;
        while (true)
        {
            token.ThrowIfCancellationRequested();
            if (await condition())
                return true;
            if (!max.IsInfinite() && Now >= stop)
                return false;
            var pause = interval ?? DefaultInterval.OrSooner(max / 10);
            await mode.Pause(max.IsInfinite() ? pause : pause.OrSooner(Left(stop)), token);
        }
    }
}
