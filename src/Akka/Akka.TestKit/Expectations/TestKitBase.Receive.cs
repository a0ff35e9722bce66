using System.Runtime.CompilerServices;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private MessageEnvelope lastMessage = NullMessageEnvelope.Instance;

    /// <summary>Takes the next message, or null when none comes within <paramref name="max"/>.</summary>
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        Take(RemainingOrDilated(max), Waiting.Blocking, cancellationToken).Done()?.Message;

    /// <inheritdoc cref="ReceiveOne"/>
    public async ValueTask<object?> ReceiveOneAsync(
        TimeSpan? max = null,
        CancellationToken cancellationToken = default
    ) => (await Take(RemainingOrDilated(max), Waiting.Async, cancellationToken))?.Message;

    /// <summary>Takes the next message and its sender; false when none comes within <paramref name="max"/>.</summary>
    public bool TryReceiveOne(
        out MessageEnvelope envelope,
        TimeSpan? max = null,
        CancellationToken cancellationToken = default
    )
    {
        var taken = Take(RemainingOrDilated(max), Waiting.Blocking, cancellationToken).Done();
        envelope = taken ?? NullMessageEnvelope.Instance;
        return taken is not null;
    }

    /// <inheritdoc cref="TryReceiveOne"/>
    public async ValueTask<(bool success, MessageEnvelope envelope)> TryReceiveOneAsync(
        TimeSpan? max,
        CancellationToken cancellationToken = default
    )
    {
        var taken = await Take(RemainingOrDilated(max), Waiting.Async, cancellationToken);
        return (taken is not null, taken ?? NullMessageEnvelope.Instance);
    }

    /// <summary>The next message, which stays to be taken; null when none comes within <paramref name="max"/>.</summary>
    public object? PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        received.Peek(RemainingOrDilated(max), Waiting.Blocking, cancellationToken).Done()?.Message;

    /// <inheritdoc cref="PeekOne"/>
    public async ValueTask<object?> PeekOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        (await received.Peek(RemainingOrDilated(max), Waiting.Async, cancellationToken))?.Message;

    /// <summary>Takes <paramref name="numberOfMessages"/> messages within what is left, or the default.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        TakeN(numberOfMessages, RemainingOrDefault, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Takes <paramref name="numberOfMessages"/> messages within <paramref name="max"/>, dilated.</summary>
    public IReadOnlyCollection<object> ReceiveN(
        int numberOfMessages,
        TimeSpan max,
        CancellationToken cancellationToken = default
    ) => TakeN(numberOfMessages, Dilated(max), Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="ReceiveN(int, CancellationToken)"/>
    public IAsyncEnumerable<object> ReceiveNAsync(
        int numberOfMessages,
        CancellationToken cancellationToken = default
    ) => Each(TakeN(numberOfMessages, RemainingOrDefault, Waiting.Async, cancellationToken), cancellationToken);

    /// <inheritdoc cref="ReceiveN(int, TimeSpan, CancellationToken)"/>
    public IAsyncEnumerable<object> ReceiveNAsync(
        int numberOfMessages,
        TimeSpan max,
        CancellationToken cancellationToken = default
    ) => Each(TakeN(numberOfMessages, Dilated(max), Waiting.Async, cancellationToken), cancellationToken);

    private static async IAsyncEnumerable<T> Each<T>(
        ValueTask<IReadOnlyList<T>> all,
        [EnumeratorCancellation] CancellationToken token
    )
    {
        foreach (var one in await all)
        {
            token.ThrowIfCancellationRequested();
            yield return one;
        }
    }

    private async ValueTask<MessageEnvelope?> Take(TimeSpan max, Waiting mode, CancellationToken token)
    {
        lastExpectedNoMessage = false;
        var taken = await received.Take(NotBeyondEnd(max), mode, token).ConfigureAwait(mode == Waiting.Async);
        lastMessage = taken ?? NullMessageEnvelope.Instance;
        return taken;
    }

    private async ValueTask<IReadOnlyList<object>> TakeN(int count, TimeSpan max, Waiting mode, CancellationToken token)
    {
        var stop = Now + max;
        var taken = new List<object>(count);
        while (taken.Count < count)
        {
            var next = await Take(Left(stop), mode, token);
            if (next is null)
                Fail($"timeout ({max}) while expecting {count} messages, got {taken.Count}: {Shown(taken)}");
            else
                taken.Add(next.Message);
        }
        return taken;
    }

    private static string Shown(IEnumerable<object> messages) => $"[{string.Join(", ", messages)}]";
}
