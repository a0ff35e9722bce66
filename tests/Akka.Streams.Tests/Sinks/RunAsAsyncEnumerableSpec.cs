using Akka.Pattern;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Sinks;

public sealed class RunAsAsyncEnumerableSpec : StreamTest
{
    [Fact]
    public async Task Every_enumeration_runs_the_source()
    {
        var sequence = Numbers(1, 100).RunAsAsyncEnumerable(Materializer);
        for (var round = 0; round < 2; round++)
            Assert.Equal(Enumerable.Range(1, 100), await All(sequence).WaitAsync(Patience));
    }

    [Fact]
    public async Task Leaving_early_cancels_the_source()
    {
        var ended = new TaskCompletionSource<Task<Done>>();
        var source = Source
            .Repeat(1)
            .WatchTermination(
                (_, done) =>
                {
                    ended.SetResult(done);
                    return NotUsed.Instance;
                }
            );
        await foreach (var element in source.RunAsAsyncEnumerable(Materializer))
        {
            Assert.Equal(1, element);
            break;
        }
        await (await ended.Task).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_failure_a_cancelled_token_and_a_materializer_that_is_gone_are_thrown()
    {
        await Failure<IOException>(All(Source.Failed<int>(new IOException()).RunAsAsyncEnumerable(Materializer)));
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Source.Repeat(1).RunAsAsyncEnumerable(Materializer).WithCancellation(source.Token))
                await source.CancelAsync();
        });
        Materializer.Shutdown();
        await Failure<IllegalStateException>(All(Numbers(1, 2).RunAsAsyncEnumerable(Materializer)));
    }

    private static async Task<List<int>> All(IAsyncEnumerable<int> sequence)
    {
        var all = new List<int>();
        await foreach (var element in sequence)
            all.Add(element);
        return all;
    }
}
