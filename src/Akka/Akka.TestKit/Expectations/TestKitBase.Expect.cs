using Akka.Actor;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes the next message, which has to be a <typeparamref name="T"/>.</summary>
    public T ExpectMsg<T>(
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, static (_, _) => { }, hint, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Takes the next message, which has to be a <typeparamref name="T"/>.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, static (_, _) => { }, hint, Waiting.Async, cancellationToken);

    /// <summary>Takes the next message, which has to equal <paramref name="message"/>.</summary>
    public T ExpectMsg<T>(
        T message,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, _) => assertions.AssertEqual(message, got, "{0}", hint ?? ""),
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to equal <paramref name="message"/>.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        T message,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, _) => assertions.AssertEqual(message, got, "{0}", hint ?? ""),
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessage"/>.</summary>
    public T ExpectMsg<T>(
        Predicate<T> isMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, _) => AssertPredicate(isMessage(got), got, hint),
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessage"/>.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, _) => AssertPredicate(isMessage(got), got, hint),
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, about which <paramref name="assert"/> asserts something.</summary>
    public T ExpectMsg<T>(
        Action<T> assert,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, (got, _) => assert(got), hint, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Takes the next message, about which <paramref name="assert"/> asserts something.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T> assert,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, (got, _) => assert(got), hint, Waiting.Async, cancellationToken);

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessageAndSender"/> with its sender.</summary>
    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, from) => AssertPredicate(isMessageAndSender(got, from), got, hint),
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessageAndSender"/> with its sender.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Func<T, IActorRef, bool> isMessageAndSender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, from) => AssertPredicate(isMessageAndSender(got, from), got, hint),
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, about which, with its sender, <paramref name="assertMessageAndSender"/> asserts something.</summary>
    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(duration, assertMessageAndSender, hint, Waiting.Blocking, cancellationToken).Done();

    /// <summary>Takes the next message, about which, with its sender, <paramref name="assertMessageAndSender"/> asserts something.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T, IActorRef> assertMessageAndSender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(duration, assertMessageAndSender, hint, Waiting.Async, cancellationToken);

    /// <summary>Takes the next message, which has to equal <paramref name="expected"/> by <paramref name="comparer"/>.</summary>
    public T ExpectMsg<T>(
        T expected,
        Func<T, T, bool> comparer,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, _) => assertions.AssertEqual(expected, got, comparer, "{0}", hint ?? ""),
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to equal <paramref name="expected"/> by <paramref name="comparer"/>.</summary>
    public ValueTask<T> ExpectMsgAsync<T>(
        T expected,
        Func<T, T, bool> comparer,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, _) => assertions.AssertEqual(expected, got, comparer, "{0}", hint ?? ""),
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, which has to say that <paramref name="target"/> has ended.</summary>
    public Terminated ExpectTerminated(
        IActorRef target,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<Terminated>(
                duration,
                (got, _) => assertions.AssertEqual(target, got.ActorRef, "{0}", hint ?? ""),
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to say that <paramref name="target"/> has ended.</summary>
    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<Terminated>(
            duration,
            (got, _) => assertions.AssertEqual(target, got.ActorRef, "{0}", hint ?? ""),
            hint,
            Waiting.Async,
            cancellationToken
        );

    private void AssertPredicate<T>(bool holds, T got, string? hint)
    {
        if (!holds)
            Fail($"a message of type {typeof(T)} did not satisfy the predicate, hint: {hint ?? "none"}: {got}");
    }

    private async ValueTask<T> Expect<T>(
        TimeSpan? duration,
        Action<T, IActorRef> assert,
        string? hint,
        Waiting mode,
        CancellationToken token
    )
    {
        var limit = RemainingOrDilated(duration);
        var taken = await Take(limit, mode, token);
        var shown = hint is null ? "" : $", hint: {hint}";
        if (taken is null)
            Fail($"timeout {limit} while waiting for a message of type {typeof(T)}{shown}");
        if (taken.Message is not T message)
        {
            Fail(
                $"expected a message of type {typeof(T)}, but received {{{taken.Message}}} "
                    + $"(type {taken.Message.GetType()}) instead from {taken.Sender}{shown}"
            );
            return default;
        }
        assert(message, taken.Sender);
        return message;
    }
}
