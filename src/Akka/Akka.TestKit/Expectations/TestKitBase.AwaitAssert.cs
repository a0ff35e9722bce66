using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Runs <paramref name="assertion"/> until it does not throw; after the time its last exception stands.</summary>
    /// <param name="assertion">What has to hold in the end.</param>
    /// <param name="duration">The time; what is left, or the default, unless told otherwise.</param>
    /// <param name="interval">The pause between two runs; 100 ms unless told otherwise.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    public void AwaitAssert(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => AwaitAssert(Promised(assertion), duration, interval, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="AwaitAssert(Action, TimeSpan?, TimeSpan?, CancellationToken)"/>
    public Task AwaitAssertAsync(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => AwaitAssert(Promised(assertion), duration, interval, Waiting.Async, cancellationToken).AsTask();

    /// <inheritdoc cref="AwaitAssert(Action, TimeSpan?, TimeSpan?, CancellationToken)"/>
    public Task AwaitAssertAsync(
        Func<Task> assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default
    ) => AwaitAssert(assertion, duration, interval, Waiting.Async, cancellationToken).AsTask();

    private static Func<Task> Promised(Action action) =>
        () =>
        {
            action();
            return Task.CompletedTask;
        };

    private async ValueTask AwaitAssert(
        Func<Task> assertion,
        TimeSpan? duration,
        TimeSpan? interval,
        Waiting mode,
        CancellationToken token
    )
    {
        var stop = Now + RemainingOrDilated(duration);
        var pause = Dilated(interval ?? DefaultInterval);
        while (true)
        {
            token.ThrowIfCancellationRequested();
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (Now < stop)
            {
                // The last one, after the time, goes to the test.
            }
            await mode.Pause(pause.OrSooner(Left(stop)), token);
        }
    }
}
