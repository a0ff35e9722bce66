using Akka.Actor;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes the next message, which has to be a <typeparamref name="T"/> from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(duration, (_, from) => AssertSender(sender, from, hint), hint, Waiting.Blocking, cancellationToken)
            .Done();

    /// <summary>Takes the next message, which has to be a <typeparamref name="T"/> from <paramref name="sender"/>.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, (_, from) => AssertSender(sender, from, hint), hint, Waiting.Async, cancellationToken);

    /// <summary>Takes the next message, which has to equal <paramref name="message"/> and come from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        T message,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, from) =>
                {
                    AssertSender(sender, from, hint);
                    assertions.AssertEqual(message, got, "{0}", hint ?? "");
                },
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to equal <paramref name="message"/> and come from <paramref name="sender"/>.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        T message,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, from) =>
            {
                AssertSender(sender, from, hint);
                assertions.AssertEqual(message, got, "{0}", hint ?? "");
            },
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessage"/> and come from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        Predicate<T> isMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, from) =>
                {
                    AssertSender(sender, from, hint);
                    AssertPredicate(isMessage(got), got, hint);
                },
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to satisfy <paramref name="isMessage"/> and come from <paramref name="sender"/>.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        Predicate<T> isMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, from) =>
            {
                AssertSender(sender, from, hint);
                AssertPredicate(isMessage(got), got, hint);
            },
            hint,
            Waiting.Async,
            cancellationToken
        );

    /// <summary>Takes the next message, which has to come from <paramref name="sender"/> and about which <paramref name="assertMessage"/> asserts something.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        Action<T> assertMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
                duration,
                (got, from) =>
                {
                    AssertSender(sender, from, hint);
                    assertMessage(got);
                },
                hint,
                Waiting.Blocking,
                cancellationToken
            )
            .Done();

    /// <summary>Takes the next message, which has to come from <paramref name="sender"/> and about which <paramref name="assertMessage"/> asserts something.</summary>
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        Action<T> assertMessage,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            duration,
            (got, from) =>
            {
                AssertSender(sender, from, hint);
                assertMessage(got);
            },
            hint,
            Waiting.Async,
            cancellationToken
        );

    private void AssertSender(IActorRef expected, IActorRef actual, string? hint) =>
        assertions.AssertEqual(expected, actual, "sender {0}", hint ?? "");
}
