using System.Diagnostics;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Flows;

public sealed class TimeSpec : StreamTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Timeouts_fail_silent_streams()
    {
        await Failure<TimeoutException>(Seq(Source.Never<int>().IdleTimeout(Short)));
        await Failure<TimeoutException>(Seq(Source.Never<int>().InitialTimeout(Short)));
        await Failure<TimeoutException>(Seq(Source.Never<int>().CompletionTimeout(Short)));
    }

    [Fact]
    public async Task KeepAlive_emits_when_nothing_comes() =>
        Assert.Equal([7, 7], await Seq(Source.Never<int>().KeepAlive(Short, () => 7).Take(2)));

    [Fact]
    public async Task GroupedWithin_emits_when_the_time_is_up()
    {
        var (queue, groups) = Source
            .Queue<int>(16, OverflowStrategy.Backpressure)
            .GroupedWithin(3, Short)
            .ToMaterialized(Sink.Queue<IEnumerable<int>>(), Keep.Both)
            .Run(Materializer);
        for (var i = 1; i <= 3; i++)
            await queue.OfferAsync(i).WaitAsync(Patience);
        var seen = new List<int>();
        while (seen.Count < 3)
            seen.AddRange((await groups.PullAsync().WaitAsync(Patience)).Value);
        await queue.OfferAsync(4).WaitAsync(Patience);
        Assert.Equal([4], (await groups.PullAsync().WaitAsync(Patience)).Value);
        queue.Complete();
        Assert.False((await groups.PullAsync().WaitAsync(Patience)).HasValue);
    }

    [Fact]
    public async Task A_group_that_nobody_asks_for_takes_what_weighs_nothing()
    {
        var gate = new TaskCompletionSource<int>();
        var taken = 0;
        var groups = Source
            .From(["333", "22", "", "", "1"])
            .Select(text =>
            {
                if (++taken == 5)
                    gate.SetResult(0);
                return text;
            })
            .GroupedWeightedWithin(5, int.MaxValue, TimeSpan.FromMinutes(1), text => text.Length)
            .InitialDelay(TimeSpan.FromMilliseconds(1))
            .Prepend(Source.FromTask(gate.Task).Select(_ => Enumerable.Empty<string>()))
            .RunWith(Sink.Seq<IEnumerable<string>>(), Materializer);
        Assert.Equal(
            [
                [],
                ["333", "22", "", ""],
                ["1"],
            ],
            await groups.WaitAsync(Patience)
        );
    }

    [Fact]
    public async Task Throttle_keeps_to_its_rate()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(
            [1, 2, 3, 4, 5],
            await Seq(Numbers(1, 5).Throttle(1, TimeSpan.FromMilliseconds(40), 1, ThrottleMode.Shaping))
        );
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public async Task Without_a_burst_every_element_waits_for_its_tokens_also_the_first()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(
            [1, 2],
            await Seq(Numbers(1, 2).Throttle(1, TimeSpan.FromMilliseconds(60), 0, ThrottleMode.Shaping))
        );
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(110));
    }

    [Fact]
    public async Task An_element_whose_cost_cannot_be_told_is_dropped_under_a_resuming_decider() =>
        Assert.Equal(
            [1, 3],
            await Seq(
                Numbers(1, 3)
                    .Throttle(10, Short, 10, n => n == 2 ? throw new IOException() : 1, ThrottleMode.Shaping)
                    .WithAttributes(ActorAttributes.CreateSupervisionStrategy(Supervision.Deciders.ResumingDecider))
            )
        );

    [Fact]
    public async Task An_enforcing_throttle_fails_a_stream_that_is_too_fast() =>
        await Failure<OverflowException>(
            Seq(Numbers(1, 100).Throttle(1, TimeSpan.FromMinutes(1), 2, ThrottleMode.Enforcing))
        );

    [Fact]
    public async Task Delay_holds_elements_back_and_loses_none()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Equal([1, 2, 3], await Seq(Numbers(1, 3).Delay(Short, DelayOverflowStrategy.Backpressure)));
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(45));
    }

    [Fact]
    public async Task Conflate_sums_up_what_a_slow_consumer_misses()
    {
        var (queue, sink) = Source
            .Queue<int>(16, OverflowStrategy.Backpressure)
            .Conflate((sum, n) => sum + n)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Materializer);
        for (var i = 1; i <= 100; i++)
            await queue.OfferAsync(i).WaitAsync(Patience);
        queue.Complete();
        var total = 0;
        while (await sink.PullAsync().WaitAsync(Patience) is { HasValue: true } next)
            total += next.Value;
        Assert.Equal(5050, total);
    }

    [Fact]
    public async Task A_failed_source_is_restarted_until_it_succeeds()
    {
        var starts = 0;
        var source = RestartSource.OnFailuresWithBackoff(
            () => ++starts < 3 ? Source.Failed<int>(new IOException()) : Numbers(1, 3),
            RestartSettings.Create(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20), 0.2)
        );
        Assert.Equal([1, 2, 3], await Seq(source));
        Assert.Equal(3, starts);
    }

    [Fact]
    public async Task A_source_that_keeps_failing_is_given_up() =>
        await Failure<IOException>(
            Seq(
                RestartSource.OnFailuresWithBackoff(
                    () => Source.Failed<int>(new IOException()),
                    RestartSettings
                        .Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 0)
                        .WithMaxRestarts(3, TimeSpan.FromMinutes(1))
                )
            )
        );

    [Fact]
    public async Task A_restarted_flow_goes_on_with_the_next_elements()
    {
        var flow = RestartFlow.OnFailuresWithBackoff(
            () => Flow.Create<int>().Select(n => n == 2 ? throw new IOException() : n),
            RestartSettings.Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 0)
        );
        Assert.Equal([1, 3, 4], await Seq(Numbers(1, 4).Concat(Source.Never<int>()).Via(flow).Take(3)));
    }

    [Fact]
    public async Task A_restarted_flow_lives_on_when_downstream_has_cancelled_and_ends_with_its_inner_side()
    {
        var starts = 0;
        var flow = RestartFlow.WithBackoff(
            () =>
            {
                starts++;
                return Flow.Create<int>().Take(5).Recover(_ => Util.Option<int>.None);
            },
            RestartSettings.Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 0)
        );
        var upstream = Source.Repeat(1).WatchTermination(Keep.Right).Via(flow).To(Sink.First<int>()).Run(Materializer);
        await upstream.WaitAsync(Patience);
        Assert.Equal(1, starts);
    }

    [Fact]
    public async Task A_flow_whose_inlet_alone_has_ended_is_restarted()
    {
        var starts = 0;
        var (seen, restarted) = Source
            .Queue<int>(16, OverflowStrategy.Backpressure)
            .ToMaterialized(Sink.Queue<int>(), Keep.Both)
            .Run(Materializer);
        var flow = RestartFlow.WithBackoff(
            () =>
            {
                starts++;
                return Flow.FromSinkAndSource(
                    Flow.Create<int>().Take(1).To(Sink.ForEachAsync<int>(1, n => seen.OfferAsync(n))),
                    Source.Never<int>().MapMaterializedValue(_ => NotUsed.Instance)
                );
            },
            RestartSettings.Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 0)
        );
        Numbers(1, 3).Concat(Source.Never<int>()).Via(flow).To(Sink.Ignore<int>()).Run(Materializer);
        for (var n = 1; n <= 3; n++)
            Assert.Equal(n, (await restarted.PullAsync().WaitAsync(Patience)).Value);
        Assert.InRange(starts, 3, 4);
    }

    [Fact]
    public async Task Recover_and_RecoverWithRetries_replace_a_failure()
    {
        var broken = Numbers(1, 3).Select(n => n == 3 ? throw new IOException() : n);
        Assert.Equal([1, 2, 9], await Seq(broken.Recover(_ => new Util.Option<int>(9))));
        Assert.Equal([1, 2, 7, 8], await Seq(broken.RecoverWithRetries(_ => Source.From([7, 8]), 1)));
        await Failure<IOException>(Seq(broken.RecoverWithRetries(_ => Source.Failed<int>(new IOException()), 3)));
    }
}
