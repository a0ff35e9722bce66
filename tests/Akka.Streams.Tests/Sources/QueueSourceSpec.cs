using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Sources;

public sealed class QueueSourceSpec : StreamTest
{
    [Fact]
    public async Task Offers_wait_for_room_under_back_pressure()
    {
        var (queue, sink) = Queues(1, OverflowStrategy.Backpressure);
        var offers = new List<Task<IQueueOfferResult>>();
        for (var i = 0; offers.Count == 0 || offers[^1].IsCompleted; i++)
        {
            offers.Add(queue.OfferAsync(i));
            await Task.WhenAny(offers[^1], Task.Delay(100));
        }
        Assert.InRange(offers.Count, 2, 4);
        Assert.Equal(0, (await sink.PullAsync().WaitAsync(Patience)).Value);
        Assert.IsType<QueueOfferResult.Enqueued>(await offers[^1].WaitAsync(Patience));
    }

    [Fact]
    public async Task A_full_queue_drops_new_elements_when_told_so()
    {
        var (queue, sink) = Queues(2, OverflowStrategy.DropNew);
        var answers = new List<IQueueOfferResult>();
        for (var i = 0; i < 10; i++)
            answers.Add(await queue.OfferAsync(i).WaitAsync(Patience));
        Assert.IsType<QueueOfferResult.Enqueued>(answers[0]);
        Assert.IsType<QueueOfferResult.Dropped>(answers[^1]);
        Assert.Equal(0, (await sink.PullAsync().WaitAsync(Patience)).Value);
    }

    [Fact]
    public async Task A_full_queue_fails_when_told_so()
    {
        var (queue, _) = Queues(1, OverflowStrategy.Fail);
        IQueueOfferResult answer;
        do answer = await queue.OfferAsync(1).WaitAsync(Patience);
        while (answer is QueueOfferResult.Enqueued);
        Assert.IsType<BufferOverflowException>(Assert.IsType<QueueOfferResult.Failure>(answer).Cause);
        await Failure<BufferOverflowException>(queue.WatchCompletionAsync());
    }

    [Fact]
    public async Task Complete_emits_what_was_taken()
    {
        var (queue, sink) = Source
            .Queue<int>(100, OverflowStrategy.Backpressure)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        for (var i = 0; i < 50; i++)
            await queue.OfferAsync(i).WaitAsync(Patience);
        queue.Complete();
        Assert.Equal(Enumerable.Range(0, 50), await sink.WaitAsync(Patience));
        await queue.WatchCompletionAsync().WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => queue.OfferAsync(1).WaitAsync(Patience));
    }

    [Fact]
    public async Task Fail_fails_the_stream()
    {
        var (queue, sink) = Source
            .Queue<int>(1, OverflowStrategy.Backpressure)
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        queue.Fail(new IOException());
        await Failure<IOException>(sink);
        await Failure<IOException>(queue.WatchCompletionAsync());
    }

    private (ISourceQueueWithComplete<int>, ISinkQueue<int>) Queues(int size, OverflowStrategy strategy) =>
        Source
            .Queue<int>(size, strategy)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Materializer);
}
