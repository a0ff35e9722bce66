using Akka.Pattern;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

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
    public async Task A_second_offer_while_one_waits_is_refused()
    {
        var (queue, sink) = Cut(0, OverflowStrategy.Backpressure);
        var first = queue.OfferAsync(1);
        await Failure<IllegalStateException>(queue.OfferAsync(2));
        Assert.False(first.IsCompleted);
        sink.SetResult(null!);
        Assert.IsType<QueueOfferResult.QueueClosed>(await first.WaitAsync(Patience));
    }

    [Theory]
    [InlineData(OverflowStrategy.DropHead, false)]
    [InlineData(OverflowStrategy.DropBuffer, false)]
    [InlineData(OverflowStrategy.DropTail, true)]
    [InlineData(OverflowStrategy.DropNew, true)]
    public async Task Without_a_buffer_one_offer_waits_and_the_strategy_says_which(
        OverflowStrategy strategy,
        bool firstStays
    )
    {
        var (queue, _) = Cut(0, strategy);
        var first = queue.OfferAsync(1);
        var second = queue.OfferAsync(2);
        var dropped = firstStays ? second : first;
        Assert.IsType<QueueOfferResult.Dropped>(await dropped.WaitAsync(Patience));
        Assert.False((firstStays ? first : second).IsCompleted);
    }

    [Fact]
    public async Task A_waiting_offer_is_emitted_before_the_queue_completes()
    {
        var gate = new TaskCompletionSource<int>();
        var (queue, seen) = Source
            .Queue<int>(1, OverflowStrategy.Backpressure)
            .Via(Flow.Create<int>().ConcatMany(n => Source.FromTask(gate.Task).Select(_ => n)))
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        var offers = Enumerable.Range(1, 3).Select(queue.OfferAsync).ToList();
        queue.Complete();
        gate.SetResult(0);
        Assert.Equal([1, 2, 3], await seen.WaitAsync(Patience));
        foreach (var offer in offers)
            Assert.IsType<QueueOfferResult.Enqueued>(await offer.WaitAsync(Patience));
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

    /// <summary>A queue whose consumer asks for nothing, until it is told to cancel.</summary>
    private (ISourceQueueWithComplete<int>, TaskCompletionSource<object>) Cut(int size, OverflowStrategy strategy)
    {
        var cut = new TaskCompletionSource<object>();
        var queue = Source.Queue<int>(size, strategy).To(Sink.FromGraph(new Unwilling(cut.Task))).Run(Materializer);
        return (queue, cut);
    }

    private (ISourceQueueWithComplete<int>, ISinkQueue<int>) Queues(int size, OverflowStrategy strategy) =>
        Source
            .Queue<int>(size, strategy)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Materializer);

    private sealed class Unwilling(Task cut) : GraphStage<SinkShape<int>>
    {
        public override SinkShape<int> Shape { get; } = new(new Inlet<int>("in"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, cut);

        private sealed class Logic : GraphStageLogic
        {
            private readonly Task _cut;

            public Logic(SinkShape<int> shape, Task cut)
                : base(shape)
            {
                _cut = cut;
                SetHandler(shape.Inlet, onPush: () => Grab(shape.Inlet));
            }

            public override void PreStart()
            {
                var cancel = GetAsyncCallback(CompleteStage);
                _ = CancelAfter();

                async Task CancelAfter()
                {
                    await _cut;
                    cancel();
                }
            }
        }
    }
}
