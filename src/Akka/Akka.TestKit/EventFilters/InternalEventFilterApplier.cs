using Akka.Actor;
using Akka.TestKit.TestEvent;

namespace Akka.TestKit.Internal;

internal sealed class InternalEventFilterApplier(
    TestKitBase testkit,
    ActorSystem system,
    IReadOnlyList<EventFilterBase> filters
) : IEventFilterApplier
{
    public EventFilterFactory And => new(testkit, system, filters);

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) =>
        Count(1, null, Waiting.Blocking, Promised(action), cancellationToken).Done();

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Count(1, timeout, Waiting.Blocking, Promised(action), cancellationToken).Done();

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default) =>
        Count(1, null, Waiting.Blocking, () => Task.FromResult(func()), cancellationToken).Done();

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        Count(1, null, Waiting.Async, Promised(actionAsync), cancellationToken).AsTask();

    public Task ExpectOneAsync(
        TimeSpan timeout,
        Func<Task> actionAsync,
        CancellationToken cancellationToken = default
    ) => Count(1, timeout, Waiting.Async, Promised(actionAsync), cancellationToken).AsTask();

    public Task<T> ExpectOneAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Count(1, null, Waiting.Async, func, cancellationToken).AsTask();

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Count(expectedCount, null, Waiting.Blocking, Promised(action), cancellationToken).Done();

    public void Expect(
        int expectedCount,
        TimeSpan timeout,
        Action action,
        CancellationToken cancellationToken = default
    ) => Count(expectedCount, timeout, Waiting.Blocking, Promised(action), cancellationToken).Done();

    public T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default) =>
        Count(expectedCount, null, Waiting.Blocking, () => Task.FromResult(func()), cancellationToken).Done();

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        Count(expectedCount, null, Waiting.Async, Promised(actionAsync), cancellationToken).AsTask();

    public Task ExpectAsync(
        int expectedCount,
        TimeSpan timeout,
        Func<Task> actionAsync,
        CancellationToken cancellationToken = default
    ) => Count(expectedCount, timeout, Waiting.Async, Promised(actionAsync), cancellationToken).AsTask();

    public void Mute(Action action, CancellationToken cancellationToken = default) =>
        Count(null, null, Waiting.Blocking, Promised(action), cancellationToken).Done();

    public Task MuteAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        Count(null, null, Waiting.Async, Promised(actionAsync), cancellationToken).AsTask();

    public IUnmutableFilter Mute()
    {
        system.EventStream.Publish(new Mute(filters));
        return new Muted(system, filters);
    }

    private static Func<Task<NotUsed>> Promised(Action action) =>
        () =>
        {
            action();
            return Task.FromResult(NotUsed.Instance);
        };

    private static Func<Task<NotUsed>> Promised(Func<Task> action) =>
        async () =>
        {
            await action();
            return NotUsed.Instance;
        };

    private async ValueTask<T> Count<T>(
        int? expected,
        TimeSpan? timeout,
        Waiting mode,
        Func<Task<T>> run,
        CancellationToken token
    )
    {
        var leeway = testkit.Dilated(timeout ?? testkit.TestKitSettings.TestEventFilterLeeway);
        var matches = new ReceivedMessages();
        EventMatched count = (_, e) => matches.Add(new RealMessageEnvelope(e, ActorRefs.NoSender));
        foreach (var filter in filters)
            filter.EventMatched += count;
        using var muted = Mute();
        try
        {
            var result = await run();
            if (expected is { } wanted)
                await AwaitCount(matches, wanted, leeway, mode, token);
            return result;
        }
        finally
        {
            foreach (var filter in filters)
                filter.EventMatched -= count;
        }
    }

    private async ValueTask AwaitCount(
        ReceivedMessages matches,
        int expected,
        TimeSpan leeway,
        Waiting mode,
        CancellationToken token
    )
    {
        var started = TimeProvider.System.GetTimestamp();
        var got = 0;
        while (got < expected)
        {
            var left = leeway - TimeProvider.System.GetElapsedTime(started);
            if (await matches.Take(left > TimeSpan.Zero ? left : TimeSpan.Zero, mode, token) is null)
                break;
            got++;
        }
        // None may come: there is no event to wait for, so the whole leeway has to pass.
        if (expected == 0 && await matches.Take(leeway, mode, token) is not null)
            got++;
        while (await matches.Take(TimeSpan.Zero, mode, token) is not null)
            got++;
        if (got != expected)
        {
            testkit.Assertions.Fail(
                "{0}",
                $"expected {expected} log events within {leeway} but got {got}, filters: {string.Join(", ", filters)}"
            );
        }
    }

    private sealed class Muted(ActorSystem system, IReadOnlyList<EventFilterBase> filters) : IUnmutableFilter
    {
        public void Unmute() => system.EventStream.Publish(new Unmute(filters));

        public void Dispose() => Unmute();
    }
}
