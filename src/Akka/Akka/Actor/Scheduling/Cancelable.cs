namespace Akka.Actor;

/// <summary>Something that can be called off; made with a scheduler, so that it can also be called off later.</summary>
public class Cancelable : ICancelable, IDisposable
{
    private readonly IActionScheduler _scheduler;
    private readonly CancellationTokenSource _source;

    /// <summary>Calls itself off after <paramref name="delay"/>.</summary>
    public Cancelable(IActionScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    /// <summary>Calls itself off after <paramref name="delay"/>.</summary>
    public Cancelable(IScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    /// <summary>Calls itself off after so many milliseconds.</summary>
    public Cancelable(IScheduler scheduler, int millisecondsDelay)
        : this(scheduler) => CancelAfter(millisecondsDelay);

    /// <summary>Waits to be called off.</summary>
    public Cancelable(IScheduler scheduler)
        : this(scheduler.Advanced) { }

    /// <summary>Waits to be called off.</summary>
    public Cancelable(IActionScheduler scheduler)
        : this(scheduler, new CancellationTokenSource()) { }

    private Cancelable(IActionScheduler scheduler, CancellationTokenSource source)
    {
        _scheduler = scheduler;
        _source = source;
    }

    /// <inheritdoc/>
    public bool IsCancellationRequested => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public CancellationToken Token => _source.Token;

    /// <summary>True once it was disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>One that is already called off.</summary>
    public static ICancelable CreateCanceled() => Canceled.Instance;

    /// <summary>One that is called off with any of <paramref name="cancelables"/>.</summary>
    public static ICancelable CreateLinkedCancelable(IActionScheduler scheduler, params ICancelable[] cancelables) =>
        CreateLinkedCancelable(scheduler, [.. cancelables.Select(c => c.Token)]);

    /// <summary>One that is called off with any of <paramref name="cancellationTokens"/>.</summary>
    public static ICancelable CreateLinkedCancelable(
        IActionScheduler scheduler,
        params CancellationToken[] cancellationTokens
    ) => new Cancelable(scheduler, CancellationTokenSource.CreateLinkedTokenSource(cancellationTokens));

    /// <inheritdoc/>
    /// <summary>One that is cancelled with any of the given ones.</summary>
    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params ICancelable[] cancelables) =>
        CreateLinkedCancelable(scheduler.Advanced, cancelables);

    /// <summary>One that is cancelled with any of the given tokens.</summary>
    public static ICancelable CreateLinkedCancelable(
        IScheduler scheduler,
        params CancellationToken[] cancellationTokens
    ) => CreateLinkedCancelable(scheduler.Advanced, cancellationTokens);

    public void Cancel() => Cancel(false);

    /// <inheritdoc/>
    public void Cancel(bool throwOnFirstException)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        _source.Cancel(throwOnFirstException);
    }

    /// <inheritdoc/>
    public void CancelAfter(TimeSpan delay)
    {
        if (delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delay), delay, "Delay must be 0 or more.");
        _scheduler.ScheduleOnce(delay, () => _source.Cancel(), this);
    }

    /// <inheritdoc/>
    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets the token go.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        if (disposing)
            _source.Dispose();
    }

    private sealed class Canceled : ICancelable
    {
        public static readonly Canceled Instance = new();

        public bool IsCancellationRequested => true;

        public CancellationToken Token { get; } = new(true);

        public void Cancel() { }

        public void Cancel(bool throwOnFirstException) { }

        public void CancelAfter(int millisecondsDelay) { }

        public void CancelAfter(TimeSpan delay) { }
    }
}

/// <summary>Conveniences for cancelables.</summary>
public static class CancelableExtensions
{
    /// <summary>Calls <paramref name="cancelable"/> off, if there is one.</summary>
    public static void CancelIfNotNull(this ICancelable? cancelable) => cancelable?.Cancel();
}
