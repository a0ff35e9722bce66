using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes the next message, which has to equal one of <paramref name="messages"/>.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default) =>
        ExpectAnyOf(messages, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="ExpectMsgAnyOf"/>
    public ValueTask<T> ExpectMsgAnyOfAsync<T>(
        IEnumerable<T> messages,
        CancellationToken cancellationToken = default
    ) => ExpectAnyOf(messages, Waiting.Async, cancellationToken);

    /// <summary>Takes as many messages as <paramref name="messages"/>, which have to equal them in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) =>
        ExpectAllOf(messages, RemainingOrDefault, Waiting.Blocking, default).Done();

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])"/>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => ExpectAllOf(messages, RemainingOrDefault, Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])"/>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) =>
        ExpectAllOf(messages, Dilated(max), Waiting.Blocking, default).Done();

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])"/>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(
        TimeSpan max,
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => ExpectAllOf(messages, Dilated(max), Waiting.Blocking, cancellationToken).Done();

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])"/>
    public IAsyncEnumerable<T> ExpectMsgAllOfAsync<T>(
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => Each(ExpectAllOf(messages, RemainingOrDefault, Waiting.Async, cancellationToken), cancellationToken);

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])"/>
    public IAsyncEnumerable<T> ExpectMsgAllOfAsync<T>(
        TimeSpan max,
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default
    ) => Each(ExpectAllOf(messages, Dilated(max), Waiting.Async, cancellationToken), cancellationToken);

    /// <summary>No message may come within what is left, or the default.</summary>
    public void ExpectNoMsg(CancellationToken cancellationToken = default) =>
        ExpectNone(RemainingOrDefault, Waiting.Blocking, cancellationToken).Done();

    /// <summary>No message may come within <paramref name="duration"/>, dilated.</summary>
    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) =>
        ExpectNone(Dilated(duration), Waiting.Blocking, cancellationToken).Done();

    /// <summary>No message may come within <paramref name="milliseconds"/>, dilated.</summary>
    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    /// <inheritdoc cref="ExpectNoMsg(CancellationToken)"/>
    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) =>
        ExpectNone(RemainingOrDefault, Waiting.Async, cancellationToken);

    /// <inheritdoc cref="ExpectNoMsg(TimeSpan, CancellationToken)"/>
    public ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        ExpectNone(Dilated(duration), Waiting.Async, cancellationToken);

    /// <inheritdoc cref="ExpectNoMsg(int, CancellationToken)"/>
    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    private ValueTask<T> ExpectAnyOf<T>(IEnumerable<T> messages, Waiting mode, CancellationToken token)
    {
        var allowed = messages.ToList();
        return Expect<T>(
            null,
            (got, _) =>
            {
                if (!allowed.Contains(got))
                    Fail($"expected one of {Shown(allowed.Cast<object>())}, but received {got}");
            },
            hint: null,
            mode,
            token
        );
    }

    private async ValueTask<IReadOnlyList<T>> ExpectAllOf<T>(
        IReadOnlyCollection<T> messages,
        TimeSpan max,
        Waiting mode,
        CancellationToken token
    )
    {
        var got = await TakeN(messages.Count, max, mode, token);
        var missing = messages.Cast<object>().ToList();
        var unexpected = got.Where(message => !missing.Remove(message)).ToList();
        if (missing.Count > 0 || unexpected.Count > 0)
            Fail($"not found {Shown(missing)}, found unexpected {Shown(unexpected)}");
        return [.. got.Cast<T>()];
    }

    private async ValueTask ExpectNone(TimeSpan duration, Waiting mode, CancellationToken token)
    {
        var taken = await Take(duration, mode, token);
        if (taken is not null)
            Fail($"expected no message within {duration}, but received {taken}");
        lastExpectedNoMessage = true;
    }
}
