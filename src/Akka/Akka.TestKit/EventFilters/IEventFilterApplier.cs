namespace Akka.TestKit;

/// <summary>Runs code and counts the log events that its filters pick meanwhile and for the leeway after it.</summary>
public interface IEventFilterApplier
{
    /// <summary>To add another filter: an event counts when one of them picks it.</summary>
    EventFilterFactory And { get; }

    /// <summary>Runs <paramref name="action"/>, in which exactly one event has to come.</summary>
    void ExpectOne(Action action, CancellationToken cancellationToken = default);

    void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default);

    Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);

    Task ExpectOneAsync(TimeSpan timeout, Func<Task> actionAsync, CancellationToken cancellationToken = default);

    Task<T> ExpectOneAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default);

    /// <summary>Runs <paramref name="action"/>, in which exactly <paramref name="expectedCount"/> events have to come.</summary>
    void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default);

    void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default);

    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default);

    Task ExpectAsync(
        int expectedCount,
        TimeSpan timeout,
        Func<Task> actionAsync,
        CancellationToken cancellationToken = default
    );

    /// <summary>Runs <paramref name="action"/>, in which the events are not printed.</summary>
    void Mute(Action action, CancellationToken cancellationToken = default);

    Task MuteAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);

    /// <summary>Keeps the events from being printed until the result is told not to.</summary>
    IUnmutableFilter Mute();
}
