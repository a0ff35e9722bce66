using Akka.Streams.Dsl;
using Akka.Streams.Supervision;

namespace Akka.Streams.Tests.Flows;

public sealed class SelectAsyncSpec : StreamTest
{
    [Fact]
    public async Task Results_come_in_the_order_of_the_elements()
    {
        var gates = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var result = Seq(Numbers(0, 3).SelectAsync(4, n => gates[n].Task));
        foreach (var n in (int[])[3, 1, 0, 2])
            gates[n].SetResult(n * 10);
        Assert.Equal([0, 10, 20, 30], await result);
    }

    [Fact]
    public async Task Unordered_results_come_as_they_are_done()
    {
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var queue = Numbers(0, 2).SelectAsyncUnordered(3, n => gates[n].Task).RunWith(Sink.Queue<int>(), Materializer);
        foreach (var n in (int[])[2, 0, 1])
        {
            gates[n].SetResult(n);
            Assert.Equal(n, (await queue.PullAsync().WaitAsync(Patience)).Value);
        }
        Assert.False((await queue.PullAsync().WaitAsync(Patience)).HasValue);
    }

    [Fact]
    public async Task No_more_run_at_a_time_than_allowed()
    {
        var running = 0;
        var most = 0;
        await Seq(
            Numbers(1, 200)
                .SelectAsync(
                    5,
                    async n =>
                    {
                        var now = Interlocked.Increment(ref running);
                        InterlockedMax(ref most, now);
                        await Task.Yield();
                        Interlocked.Decrement(ref running);
                        return n;
                    }
                )
        );
        Assert.InRange(most, 1, 5);
    }

    [Fact]
    public async Task Nothing_is_lost_under_load()
    {
        var result = await Numbers(1, 50_000)
            .SelectAsync(
                16,
                async n =>
                {
                    if (n % 3 != 0)
                        await Task.Yield();
                    return (n, n, n);
                }
            )
            .RunWith(Sink.Seq<(int, int, int)>(), Materializer)
            .WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(1, 50_000).Select(n => (n, n, n)), result);
    }

    [Fact]
    public async Task A_failed_task_fails_the_stream_although_earlier_ones_are_not_done()
    {
        var never = new TaskCompletionSource<int>();
        var result = Seq(
            Numbers(1, 2).SelectAsync(2, n => n == 1 ? never.Task : Task.FromException<int>(new IOException("no")))
        );
        Assert.Equal("no", (await Failure<IOException>(result)).Message);
    }

    [Fact]
    public async Task Under_a_resuming_decider_failed_tasks_and_throwing_functions_are_dropped() =>
        Assert.Equal(
            [1, 4],
            await Seq(
                Numbers(1, 4)
                    .SelectAsync(
                        2,
                        n =>
                            n switch
                            {
                                2 => throw new IOException("thrown"),
                                3 => Task.FromException<int>(new IOException("failed")),
                                _ => Task.FromResult(n),
                            }
                    )
                    .WithAttributes(ActorAttributes.CreateSupervisionStrategy(Deciders.ResumingDecider))
            )
        );

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (
            (seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen
        ) { }
    }
}
