namespace Akka.Pattern;

public partial class CircuitBreaker
{
    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    private readonly Lock sync = new();
    private readonly Dictionary<State, List<Action>> listeners = [];
    private State state = State.Closed;
    private int failures;
    private bool isProbing;
    private TimeSpan currentResetTimeout;
    private TimeSpan openUntil;
    private Exception? lastFailure;

    public bool IsClosed => Is(State.Closed);

    public bool IsOpen => Is(State.Open);

    public bool IsHalfOpen => Is(State.HalfOpen);

    /// <summary>The failures since the last success while closed.</summary>
    public long CurrentFailureCount
    {
        get
        {
            lock (sync)
                return failures;
        }
    }

    /// <summary>The last failure, or null when the last call succeeded.</summary>
    public Exception? LastCaughtException
    {
        get
        {
            lock (sync)
                return lastFailure;
        }
    }

    /// <summary>Runs <paramref name="callback"/> on another thread each time the breaker opens.</summary>
    public CircuitBreaker OnOpen(Action callback) => On(State.Open, callback);

    /// <summary>Runs <paramref name="callback"/> on another thread each time the breaker becomes half-open.</summary>
    public CircuitBreaker OnHalfOpen(Action callback) => On(State.HalfOpen, callback);

    /// <summary>Runs <paramref name="callback"/> on another thread each time the breaker closes.</summary>
    public CircuitBreaker OnClose(Action callback) => On(State.Closed, callback);

    private bool Is(State asked)
    {
        lock (sync)
            return state == asked;
    }

    private CircuitBreaker On(State entered, Action callback)
    {
        lock (sync)
        {
            if (!listeners.TryGetValue(entered, out var callbacks))
                listeners[entered] = callbacks = [];
            callbacks.Add(callback);
        }
        return this;
    }

    private void Admit()
    {
        lock (sync)
        {
            if (state == State.Closed)
                return;
            if (state == State.HalfOpen && !isProbing)
            {
                isProbing = true;
                return;
            }
            if (state == State.HalfOpen)
                throw new OpenCircuitException(
                    "Circuit breaker is half open, and the one call that may try is under way; calls are failing fast",
                    lastFailure
                );
            var remaining = openUntil - Scheduler.MonotonicClock;
            throw new OpenCircuitException(lastFailure, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
        }
    }

    private void CallSucceeds()
    {
        lock (sync)
        {
            // A call that began before the breaker opened says nothing about the time since.
            if (state == State.Open)
                return;
            failures = 0;
            lastFailure = null;
            if (state == State.HalfOpen)
            {
                currentResetTimeout = ResetTimeout;
                Enter(State.Closed);
            }
        }
    }

    private void CallFails(Exception failure)
    {
        lock (sync)
        {
            lastFailure = failure;
            if (state == State.Closed && ++failures >= MaxFailures)
            {
                Open();
            }
            else if (state == State.HalfOpen)
            {
                var next = currentResetTimeout * ExponentialBackoffFactor;
                currentResetTimeout = next < MaxResetTimeout ? next : MaxResetTimeout;
                Open();
            }
        }
    }

    private void Open()
    {
        var delay = currentResetTimeout + RandomPart();
        openUntil = Scheduler.MonotonicClock + delay;
        Enter(State.Open);
        Scheduler.Advanced.ScheduleOnce(delay, TryReset);
    }

    private void TryReset()
    {
        lock (sync)
        {
            if (state == State.Open)
                Enter(State.HalfOpen);
        }
    }

    private void Enter(State next)
    {
        state = next;
        isProbing = false;
        if (next == State.Closed)
            failures = 0;
        foreach (var callback in listeners.GetValueOrDefault(next) ?? [])
            _ = Task.Run(callback);
    }

    // Breakers that opened together should not all try again together; nobody needs to repeat this draw.
    private TimeSpan RandomPart() =>
        RandomFactor == 0.0
            ? TimeSpan.Zero
            : currentResetTimeout
                * RandomFactor
                * (System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << 16) / 65536.0);
}
