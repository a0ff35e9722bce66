using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes messages while <paramref name="filter"/> makes something of them; the first that it does not stays.</summary>
    /// <param name="filter">Makes a result of a message, or null.</param>
    /// <param name="max">The time for all; what is left, or the default, unless told otherwise.</param>
    /// <param name="idle">The longest pause between two.</param>
    /// <param name="msgs">The most to take.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T?> filter,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => TakeWhile(filter, max, idle, msgs, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)"/>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        Func<object, T?> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => ReceiveWhile(filter, max, idle: null, msgs, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)"/>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        TimeSpan? idle,
        Func<object, T?> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)"/>
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        Func<object, T?> filter,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class =>
        Each(TakeWhile(filter, max, idle, msgs, Waiting.Async, cancellationToken), cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)"/>
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        TimeSpan? max,
        Func<object, T?> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default
    )
        where T : class => ReceiveWhileAsync(filter, max, idle: null, msgs, cancellationToken);

    private async ValueTask<IReadOnlyList<T>> TakeWhile<T>(
        Func<object, T?> filter,
        TimeSpan? max,
        TimeSpan? idle,
        int msgs,
        Waiting mode,
        CancellationToken token
    )
        where T : class
    {
        var stop = Now + RemainingOrDilated(max);
        var pause = idle is { } given ? Dilated(given) : Timeout.InfiniteTimeSpan;
        var taken = new List<T>();
        while (taken.Count < msgs)
        {
            var next = await received.Peek(NotBeyondEnd(Left(stop).OrSooner(pause)), mode, token);
            if (next is null || filter(next.Message) is not { } result)
                break;
            await Take(TimeSpan.Zero, mode, token);
            taken.Add(result);
        }
        lastExpectedNoMessage = true;
        return taken;
    }
}
