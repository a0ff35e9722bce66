using System.Diagnostics.CodeAnalysis;

namespace Akka.TestKit.Internal;

/// <summary>The messages that a test actor got and its test has not taken yet.</summary>
internal sealed class ReceivedMessages
{
    private readonly Lock sync = new();
    private readonly Queue<MessageEnvelope> waiting = new();
    private readonly SemaphoreSlim available = new(0);

    public bool Any
    {
        get
        {
            lock (sync)
                return waiting.Count > 0;
        }
    }

    public void Add(MessageEnvelope envelope)
    {
        lock (sync)
            waiting.Enqueue(envelope);
        available.Release();
    }

    /// <summary>Takes the next message, or null when none came in time.</summary>
    /// <param name="timeout">The time to wait; zero for none, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="mode">Whether to wait on this thread.</param>
    /// <param name="token">Ends the wait with an exception.</param>
    public async ValueTask<MessageEnvelope?> Take(TimeSpan timeout, Waiting mode, CancellationToken token)
    {
        if (!await WaitForOne(timeout, mode, token).ConfigureAwait(false))
            return null;
        lock (sync)
            return waiting.Dequeue();
    }

    /// <summary>As <see cref="Take"/>, but the message stays.</summary>
    public async ValueTask<MessageEnvelope?> Peek(TimeSpan timeout, Waiting mode, CancellationToken token)
    {
        if (!await WaitForOne(timeout, mode, token).ConfigureAwait(false))
            return null;
        try
        {
            lock (sync)
                return waiting.Peek();
        }
        finally
        {
            available.Release();
        }
    }

    [SuppressMessage("Usage", "MA0042", Justification = "a caller that blocks asked for it")]
    [SuppressMessage("Usage", "MA0045", Justification = "a caller that blocks asked for it")]
    private ValueTask<bool> WaitForOne(TimeSpan timeout, Waiting mode, CancellationToken token) =>
        mode == Waiting.Blocking
            ? new ValueTask<bool>(available.Wait(timeout, token))
            : new ValueTask<bool>(available.WaitAsync(timeout, token));
}
