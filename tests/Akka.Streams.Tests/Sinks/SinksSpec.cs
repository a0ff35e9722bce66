using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Pattern;
using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Sinks;

public sealed class SinksSpec : StreamTest
{
    [Fact]
    public async Task First_and_Last_need_an_element()
    {
        Assert.Equal(1, await Run(Numbers(1, 3), Sink.First<int>()));
        Assert.Equal(3, await Run(Numbers(1, 3), Sink.Last<int>()));
        await Failure<NoSuchElementException>(Run(Source.Empty<int>(), Sink.First<int>()));
        await Failure<NoSuchElementException>(Run(Source.Empty<int>(), Sink.Last<int>()));
        Assert.Equal(0, await Run(Source.Empty<int>(), Sink.FirstOrDefault<int>()));
        Assert.Equal(0, await Run(Source.Empty<int>(), Sink.LastOrDefault<int>()));
    }

    [Fact]
    public async Task ForEach_sees_every_element_in_order()
    {
        var seen = new List<int>();
        await Run(Numbers(1, 5), Sink.ForEach<int>(seen.Add));
        Assert.Equal([1, 2, 3, 4, 5], seen);
    }

    [Fact]
    public async Task ForEachAsync_sees_every_element()
    {
        var seen = new ConcurrentBag<int>();
        await Run(
            Numbers(1, 100),
            Sink.ForEachAsync<int>(
                4,
                async n =>
                {
                    await Task.Yield();
                    seen.Add(n);
                }
            )
        );
        Assert.Equal(Enumerable.Range(1, 100), seen.Order());
    }

    [Fact]
    public async Task OnComplete_reports_the_end()
    {
        var end = new TaskCompletionSource<Exception?>();
        Numbers(1, 3).RunWith(Sink.OnComplete<int>(() => end.SetResult(null), end.SetResult), Materializer);
        Assert.Null(await end.Task.WaitAsync(Patience));
        var failure = new TaskCompletionSource<Exception?>();
        Source
            .Failed<int>(new IOException())
            .RunWith(Sink.OnComplete<int>(() => failure.SetResult(null), failure.SetResult), Materializer);
        Assert.IsType<IOException>(await failure.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_sink_queue_gives_elements_then_the_end()
    {
        var queue = Numbers(1, 2).RunWith(Sink.Queue<int>(), Materializer);
        Assert.Equal(1, (await queue.PullAsync().WaitAsync(Patience)).Value);
        Assert.Equal(2, (await queue.PullAsync().WaitAsync(Patience)).Value);
        Assert.False((await queue.PullAsync().WaitAsync(Patience)).HasValue);
    }

    [Fact]
    public async Task An_ActorRef_sink_sends_elements_and_the_end()
    {
        var collector = new Collector(expected: 4);
        Numbers(1, 3).RunWith(Sink.ActorRef<int>(collector.Start(Sys), "end"), Materializer);
        Assert.Equal([1, 2, 3, "end"], await collector.All.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_acknowledging_actor_gets_one_element_at_a_time()
    {
        var collector = new Collector(expected: 5, ack: "ack");
        Numbers(1, 3).RunWith(Sink.ActorRefWithAck<int>(collector.Start(Sys), "init", "ack", "end"), Materializer);
        Assert.Equal(["init", 1, 2, 3, "end"], await collector.All.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_end_follows_the_last_element_without_an_acknowledgement()
    {
        var collector = new Collector(expected: 3, ack: "ack", acks: 1);
        Numbers(1, 1).RunWith(Sink.ActorRefWithAck<int>(collector.Start(Sys), "init", "ack", "end"), Materializer);
        Assert.Equal(["init", 1, "end"], await collector.All.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_second_pull_while_one_waits_is_refused()
    {
        var queue = Source.Never<int>().RunWith(Sink.Queue<int>(), Materializer);
        var first = queue.PullAsync();
        await Failure<IllegalStateException>(queue.PullAsync());
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Ask_emits_replies_in_order()
    {
        var doubler = Sys.ActorOf(Props.Create(() => new Doubler()));
        Assert.Equal([2, 4, 6], await Seq(Numbers(1, 3).Ask<int>(doubler, Patience, 2)));
    }

    [Fact]
    public async Task Cancelled_cancels()
    {
        var end = Source.Repeat(1).WatchTermination(Keep.Right).To(Sink.Cancelled<int>()).Run(Materializer);
        await end.WaitAsync(Patience);
    }

    private Task<T> Run<T>(Source<int, NotUsed> source, Sink<int, Task<T>> sink) =>
        source.RunWith(sink, Materializer).WaitAsync(Patience);

    private sealed class Doubler : ReceiveActor
    {
        public Doubler() => Receive<int>(n => Sender.Tell(n * 2));
    }

    /// <summary>Keeps what an actor receives.</summary>
    private sealed class Collector(int expected, object? ack = null, int acks = int.MaxValue)
    {
        private readonly List<object> _received = [];
        private readonly TaskCompletionSource<List<object>> _all = new();

        public Task<List<object>> All => _all.Task;

        public IActorRef Start(ActorSystem system) => system.ActorOf(Props.Create(() => new Actor(this)));

        private sealed class Actor : ReceiveActor
        {
            public Actor(Collector owner) =>
                ReceiveAny(message =>
                {
                    owner._received.Add(message);
                    if (owner.Ack is { } ack && owner._received.Count <= owner.Acks)
                        Sender.Tell(ack);
                    if (owner._received.Count == owner.Expected)
                        owner._all.TrySetResult(owner._received);
                });
        }

        private int Expected => expected;

        private object? Ack => ack;

        private int Acks => acks;
    }
}
