using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Stages;

public sealed class AsyncBoundarySpec : StreamTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task Nothing_is_lost_or_reordered_over_boundaries_of_any_size(int size)
    {
        var buffer = Attributes.CreateInputBuffer(1, size);
        var flow = Flow.Create<int>().Select(n => n + 1).AddAttributes(buffer).Async();
        var result = await Numbers(1, 100_000)
            .Async()
            .Via(flow)
            .Via(flow)
            .RunAggregate(
                (Count: 0, InOrder: true),
                (seen, n) => (seen.Count + 1, seen.InOrder && n == seen.Count + 3),
                Materializer
            )
            .WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((100_000, true), result);
    }

    [Fact]
    public async Task A_boundary_holds_no_more_than_its_buffer()
    {
        var taken = 0;
        var queue = Numbers(1, 1000)
            .Select(n =>
            {
                Interlocked.Increment(ref taken);
                return n;
            })
            .Async()
            .RunWith(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 4)), Materializer);
        for (var i = 1; i <= 100; i++)
        {
            Assert.Equal(i, (await queue.PullAsync().WaitAsync(Patience)).Value);
            // The queue's own buffer, the boundary's, and one on the way.
            Assert.InRange(Volatile.Read(ref taken), i, i + 4 + 4 + 1);
        }
    }

    [Fact]
    public async Task A_failure_crosses_a_boundary() =>
        await Failure<IOException>(Seq(Source.Failed<int>(new IOException("lost")).Async()));

    [Fact]
    public async Task Cancellation_crosses_a_boundary()
    {
        var (end, elements) = Source
            .Repeat(1)
            .WatchTermination(Keep.Right)
            .Async()
            .Take(10)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        Assert.Equal(10, (await elements.WaitAsync(Patience)).Count);
        await end.WaitAsync(Patience);
    }

    [Fact]
    public async Task An_endless_stream_lets_others_run()
    {
        var endless = Enumerable
            .Range(0, 8)
            .Select(_ =>
                Source
                    .Repeat(1)
                    .ViaMaterialized(KillSwitches.Single<int>(), Keep.Right)
                    .To(Sink.Ignore<int>())
                    .Run(Materializer)
            )
            .ToList();
        Assert.Equal(1000, (await Seq(Numbers(1, 1000).Async())).Count);
        endless.ForEach(stream => stream.Shutdown());
    }
}
