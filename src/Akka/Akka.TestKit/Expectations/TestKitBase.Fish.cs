using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes messages until one satisfies <paramref name="isMessage"/>, and returns that.</summary>
    public object FishForMessage(
        Predicate<object> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    ) => Fish(isMessage, max, hint, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)"/>
    public T FishForMessage<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    ) => Fish(isMessage, max, hint, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)"/>
    public ValueTask<object> FishForMessageAsync(
        Predicate<object> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    ) => Fish(isMessage, max, hint, Waiting.Async, cancellationToken);

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)"/>
    public ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string? hint = "",
        CancellationToken cancellationToken = default
    ) => Fish(isMessage, max, hint, Waiting.Async, cancellationToken);

    /// <summary>Takes messages until one is a <typeparamref name="T"/>.</summary>
    public async Task FishUntilMessageAsync<T>(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await Fish<T>(static _ => true, max, hint: null, Waiting.Async, cancellationToken);

    private async ValueTask<T> Fish<T>(
        Predicate<T> isMessage,
        TimeSpan? max,
        string? hint,
        Waiting mode,
        CancellationToken token
    )
    {
        var limit = RemainingOrDilated(max);
        var stop = Now + limit;
        while (true)
        {
            var next = await Take(Left(stop), mode, token);
            if (next is null)
                Fail($"timeout ({limit}) during fishForMessage, hint: {hint}");
            else if (next.Message is T message && isMessage(message))
                return message;
        }
    }
}
