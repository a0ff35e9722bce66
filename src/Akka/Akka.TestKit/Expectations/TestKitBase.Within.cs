using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan NoMinimum = TimeSpan.Zero;

    /// <summary>Runs <paramref name="action"/>, which has to end within <paramref name="max"/>, dilated.</summary>
    public void Within(
        TimeSpan max,
        Action action,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => Within(NoMinimum, max, action, hint: null, epsilonValue, cancellationToken);

    /// <summary>Runs <paramref name="action"/>, which has to end after <paramref name="min"/> and within <paramref name="max"/>.</summary>
    public void Within(
        TimeSpan min,
        TimeSpan max,
        Action action,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) =>
        Within(
            min,
            max,
            () =>
            {
                action();
                return NotUsed.Instance;
            },
            hint,
            epsilonValue,
            cancellationToken
        );

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)"/>
    public T Within<T>(
        TimeSpan max,
        Func<T> function,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => Within(NoMinimum, max, function, hint: null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)"/>
    public T Within<T>(
        TimeSpan min,
        TimeSpan max,
        Func<T> function,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => InternalWithin(min, max, () => new ValueTask<T>(function()), hint, epsilonValue).Done();

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)"/>
    public Task WithinAsync(
        TimeSpan max,
        Func<Task> actionAsync,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => WithinAsync(NoMinimum, max, actionAsync, hint: null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)"/>
    public Task WithinAsync(
        TimeSpan min,
        TimeSpan max,
        Func<Task> actionAsync,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) =>
        WithinAsync(
            min,
            max,
            async () =>
            {
                await actionAsync();
                return NotUsed.Instance;
            },
            hint,
            epsilonValue,
            cancellationToken
        );

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)"/>
    public Task<T> WithinAsync<T>(
        TimeSpan max,
        Func<Task<T>> function,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) => WithinAsync(NoMinimum, max, function, hint: null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)"/>
    public Task<T> WithinAsync<T>(
        TimeSpan min,
        TimeSpan max,
        Func<Task<T>> function,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default
    ) =>
        InternalWithin(
                min,
                max,
                () =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return new ValueTask<T>(function());
                },
                hint,
                epsilonValue
            )
            .AsTask();

    private async ValueTask<T> InternalWithin<T>(
        TimeSpan min,
        TimeSpan max,
        Func<ValueTask<T>> function,
        string? hint,
        TimeSpan? epsilonValue
    )
    {
        var start = Now;
        var limit = NotBeyondEnd(Dilated(max));
        var outer = end;
        end = start + limit;
        lastExpectedNoMessage = false;
        T result;
        try
        {
            result = await function();
        }
        finally
        {
            end = outer;
        }
        var took = Now - start;
        var shown = hint is null ? "" : $" {hint}";
        if (took < min)
            Fail($"block took {took}, should have taken at least {min}{shown}");
        // An expectation of silence ends just at the limit, which is no fault of the block.
        if (!lastExpectedNoMessage && took > limit + (epsilonValue ?? TimeSpan.Zero))
            Fail($"block took {took}, exceeding {limit}{shown}");
        return result;
    }
}
