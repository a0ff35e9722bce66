using Akka.Actor;

namespace Akka.Pattern;

/// <summary>
/// Lets calls through while they succeed (closed); after too many failures in a row refuses them at once (open); after a
/// while lets one through to see (half-open).
/// </summary>
public partial class CircuitBreaker
{
    /// <summary>A breaker whose reset time-out stays the same.</summary>
    /// <param name="scheduler">Ends the open state.</param>
    /// <param name="maxFailures">The failures in a row that open it, at least 1.</param>
    /// <param name="callTimeout">A call that takes longer has failed.</param>
    /// <param name="resetTimeout">The time from opening until one call is let through.</param>
    public CircuitBreaker(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout)
        : this(scheduler, maxFailures, callTimeout, resetTimeout, TimeSpan.FromDays(36500), 1.0, 0.0) { }

    public CircuitBreaker(
        IScheduler scheduler,
        int maxFailures,
        TimeSpan callTimeout,
        TimeSpan resetTimeout,
        TimeSpan maxResetTimeout,
        double exponentialBackoffFactor
    )
        : this(scheduler, maxFailures, callTimeout, resetTimeout, maxResetTimeout, exponentialBackoffFactor, 0.0) { }

    /// <summary>A breaker whose reset time-out grows each time the call that is let through fails.</summary>
    /// <param name="scheduler">Ends the open state.</param>
    /// <param name="maxFailures">The failures in a row that open it, at least 1.</param>
    /// <param name="callTimeout">A call that takes longer has failed.</param>
    /// <param name="resetTimeout">The time from opening until one call is let through.</param>
    /// <param name="maxResetTimeout">The reset time-out grows no further.</param>
    /// <param name="exponentialBackoffFactor">What it grows by, at least 1.</param>
    /// <param name="randomFactor">The part of the reset time-out, 0 to 1, that is added at random.</param>
    public CircuitBreaker(
        IScheduler scheduler,
        int maxFailures,
        TimeSpan callTimeout,
        TimeSpan resetTimeout,
        TimeSpan maxResetTimeout,
        double exponentialBackoffFactor,
        double randomFactor
    )
    {
        if (exponentialBackoffFactor < 1.0)
            throw new ArgumentException("the back-off factor is at least 1", nameof(exponentialBackoffFactor));
        if (randomFactor is < 0.0 or > 1.0)
            throw new ArgumentException("the random factor is from 0 to 1", nameof(randomFactor));
        Scheduler = scheduler;
        MaxFailures = maxFailures;
        CallTimeout = callTimeout;
        ResetTimeout = resetTimeout;
        MaxResetTimeout = maxResetTimeout;
        ExponentialBackoffFactor = exponentialBackoffFactor;
        RandomFactor = randomFactor;
        currentResetTimeout = resetTimeout;
    }

    public IScheduler Scheduler { get; }

    public int MaxFailures { get; }

    public TimeSpan CallTimeout { get; }

    public TimeSpan ResetTimeout { get; }

    public TimeSpan MaxResetTimeout { get; }

    public double ExponentialBackoffFactor { get; }

    public double RandomFactor { get; }

    public static CircuitBreaker Create(
        IScheduler scheduler,
        int maxFailures,
        TimeSpan callTimeout,
        TimeSpan resetTimeout
    ) => new(scheduler, maxFailures, callTimeout, resetTimeout);

    /// <summary>The same breaker with a reset time-out that doubles up to <paramref name="maxResetTimeout"/>.</summary>
    public CircuitBreaker WithExponentialBackoff(TimeSpan maxResetTimeout) =>
        new(Scheduler, MaxFailures, CallTimeout, ResetTimeout, maxResetTimeout, 2.0, RandomFactor);

    /// <summary>The same breaker with up to <paramref name="randomFactor"/> of the reset time-out added at random.</summary>
    public CircuitBreaker WithRandomFactor(double randomFactor) =>
        new(Scheduler, MaxFailures, CallTimeout, ResetTimeout, MaxResetTimeout, ExponentialBackoffFactor, randomFactor);

    /// <summary>Runs <paramref name="body"/> unless the breaker is open.</summary>
    /// <exception cref="OpenCircuitException">The breaker is open.</exception>
    /// <exception cref="TimeoutException">The call took longer than <see cref="CallTimeout"/>.</exception>
    public async Task<T> WithCircuitBreaker<T>(Func<Task<T>> body)
    {
        Admit();
        T result;
        try
        {
            result = await body().WaitAsync(CallTimeout).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            CallFails(failure);
            throw;
        }
        CallSucceeds();
        return result;
    }

    /// <inheritdoc cref="WithCircuitBreaker{T}(Func{Task{T}})"/>
    public Task<T> WithCircuitBreaker<T, TState>(TState state, Func<TState, Task<T>> body) =>
        WithCircuitBreaker(() => body(state));

    /// <inheritdoc cref="WithCircuitBreaker{T}(Func{Task{T}})"/>
    public Task WithCircuitBreaker(Func<Task> body) =>
        WithCircuitBreaker(async () =>
        {
            await body().ConfigureAwait(false);
            return NotUsed.Instance;
        });

    /// <inheritdoc cref="WithCircuitBreaker{T}(Func{Task{T}})"/>
    public Task WithCircuitBreaker<TState>(TState state, Func<TState, Task> body) =>
        WithCircuitBreaker(() => body(state));

    /// <summary>Runs <paramref name="body"/> on this thread unless the breaker is open.</summary>
    /// <exception cref="OpenCircuitException">The breaker is open.</exception>
    /// <exception cref="TimeoutException">The call took longer than <see cref="CallTimeout"/>.</exception>
    public T WithSyncCircuitBreaker<T>(Func<T> body)
    {
        Admit();
        var started = Scheduler.MonotonicClock;
        T result;
        try
        {
            result = body();
        }
        catch (Exception failure)
        {
            CallFails(failure);
            throw;
        }
        // It has its result, late as it is; only the next ones are to be spared.
        if (Scheduler.MonotonicClock - started >= CallTimeout)
            CallFails(new TimeoutException($"the call took longer than {CallTimeout}"));
        else
            CallSucceeds();
        return result;
    }

    /// <inheritdoc cref="WithSyncCircuitBreaker{T}(Func{T})"/>
    public void WithSyncCircuitBreaker(Action body) =>
        WithSyncCircuitBreaker(() =>
        {
            body();
            return NotUsed.Instance;
        });

    /// <summary>Counts a success of a call that was made outside the breaker.</summary>
    public void Succeed() => CallSucceeds();

    /// <summary>Counts a failure of a call that was made outside the breaker.</summary>
    public void Fail() => CallFails(new UserCalledFailException());
}
