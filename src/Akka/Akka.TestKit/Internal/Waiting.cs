using System.Diagnostics.CodeAnalysis;

namespace Akka.TestKit.Internal;

/// <summary>How a test waits. All expectations are written once: with blocking waits they are complete when they return.</summary>
internal enum Waiting
{
    Blocking,
    Async,
}

internal static class WaitingExtensions
{
    /// <summary>The result of an expectation that was asked for with <see cref="Waiting.Blocking"/>.</summary>
    [SuppressMessage("Usage", "MA0042", Justification = "it is complete")]
    [SuppressMessage("Usage", "MA0045", Justification = "it is complete")]
    public static T Done<T>(this ValueTask<T> expectation) => expectation.AsTask().GetAwaiter().GetResult();

    [SuppressMessage("Usage", "MA0042", Justification = "it is complete")]
    [SuppressMessage("Usage", "MA0045", Justification = "it is complete")]
    public static void Done(this ValueTask expectation) => expectation.AsTask().GetAwaiter().GetResult();

    /// <summary>Lets <paramref name="time"/> pass.</summary>
    [SuppressMessage("Usage", "MA0042", Justification = "a caller that blocks asked for it")]
    [SuppressMessage("Usage", "MA0045", Justification = "a caller that blocks asked for it")]
    public static ValueTask Pause(this Waiting mode, TimeSpan time, CancellationToken token)
    {
        if (mode == Waiting.Async)
            return new ValueTask(Task.Delay(time, token));
        using var never = new ManualResetEventSlim();
        never.Wait(time, token);
        return ValueTask.CompletedTask;
    }
}
