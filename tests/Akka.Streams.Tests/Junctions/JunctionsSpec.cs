using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Junctions;

public sealed class JunctionsSpec : StreamTest
{
    [Fact]
    public async Task Merge_emits_all_elements_of_both() =>
        Assert.Equal(Enumerable.Range(1, 200), (await Seq(Numbers(1, 100).Merge(Numbers(101, 200)))).Order());

    [Fact]
    public async Task An_eager_merge_ends_with_the_first_source() =>
        Assert.Equal([1], (await Seq(Source.Never<int>().Merge(Source.Single(1), eagerComplete: true))));

    [Fact]
    public async Task Zip_ends_with_the_shorter_source() =>
        Assert.Equal([(1, "a"), (2, "b")], await Seq(Numbers(1, 9).Zip(Source.From(["a", "b"]))));

    [Fact]
    public async Task ZipWith_combines() =>
        Assert.Equal([11, 22], await Seq(Numbers(1, 2).ZipWith(Source.From([10, 20]), (a, b) => a + b)));

    [Fact]
    public async Task Broadcast_gives_every_element_to_all()
    {
        var (left, right) = Numbers(1, 50)
            .AlsoToMaterialized(Sink.Seq<int>(), Keep.Right)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        Assert.Equal(Enumerable.Range(1, 50), await left.WaitAsync(Patience));
        Assert.Equal(Enumerable.Range(1, 50), await right.WaitAsync(Patience));
    }

    [Fact]
    public async Task DivertTo_sends_some_elements_elsewhere()
    {
        var (odd, even) = Numbers(1, 10)
            .DivertToMaterialized(Sink.Seq<int>(), n => n % 2 == 1, Keep.Right)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        Assert.Equal([1, 3, 5, 7, 9], await odd.WaitAsync(Patience));
        Assert.Equal([2, 4, 6, 8, 10], await even.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_graph_of_balance_and_merge_loses_nothing()
    {
        var workers = Flow.FromGraph(
            GraphDsl.Create(builder =>
            {
                var balance = builder.Add(new Balance<int>(3));
                var merge = builder.Add(new Merge<int>(3));
                for (var i = 0; i < 3; i++)
                    builder.From(balance.Out(i)).Via(Flow.Create<int>().Select(n => n * 2).Async()).To(merge.In(i));
                return new FlowShape<int, int>(balance.In, merge.Out);
            })
        );
        Assert.Equal(Enumerable.Range(1, 1000).Select(n => n * 2), (await Seq(Numbers(1, 1000).Via(workers))).Order());
    }

    [Fact]
    public async Task A_closed_graph_runs_with_the_values_of_its_parts()
    {
        var graph = RunnableGraph.FromGraph(
            GraphDsl.Create(
                Sink.Seq<int>(),
                Sink.Aggregate<int, int>(0, (sum, n) => sum + n),
                Keep.Both,
                (builder, seq, sum) =>
                {
                    var source = builder.Add(Numbers(1, 4));
                    var broadcast = builder.Add(new Broadcast<int>(2));
                    builder.From(source).To(broadcast.In);
                    builder.From(broadcast.Out(0)).To(seq);
                    builder.From(broadcast.Out(1)).To(sum);
                    return ClosedShape.Instance;
                }
            )
        );
        var (all, total) = graph.Run(Materializer);
        Assert.Equal([1, 2, 3, 4], await all.WaitAsync(Patience));
        Assert.Equal(10, await total.WaitAsync(Patience));
    }

    [Fact]
    public void A_graph_with_a_port_left_open_is_an_error() =>
        Assert.ThrowsAny<Exception>(() =>
            GraphDsl.Create(builder =>
            {
                var broadcast = builder.Add(new Broadcast<int>(2));
                return new FlowShape<int, int>(broadcast.In, broadcast.Out(0));
            })
        );

    [Fact]
    public async Task Bidirectional_flows_stack_and_join()
    {
        var codec = BidiFlow.FromFunction<int, string, string, int>(n => n.ToString(), int.Parse);
        var framing = BidiFlow.FromFunction<string, string, string, string>(s => $"<{s}>", s => s.Trim('<', '>'));
        var echo = codec.Atop(framing).Join(Flow.Create<string>());
        Assert.Equal([1, 2, 3], await Seq(Numbers(1, 3).Via(echo)));
    }

    [Fact]
    public async Task A_merge_hub_takes_elements_from_streams_that_come_later()
    {
        var (sink, result) = MergeHub
            .Source<int>(4)
            .Take(300)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        for (var i = 0; i < 3; i++)
            Numbers((i * 100) + 1, (i + 1) * 100).RunWith(sink, Materializer);
        Assert.Equal(Enumerable.Range(1, 300), (await result.WaitAsync(Patience)).Order());
    }

    [Fact]
    public async Task Producers_of_a_merge_hub_end_with_it()
    {
        var (sink, result) = MergeHub
            .Source<int>()
            .Take(1)
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        var producer = Source.Repeat(1).WatchTermination(Keep.Right).To(sink).Run(Materializer);
        await result.WaitAsync(Patience);
        await producer.WaitAsync(Patience);
        var late = Source.Repeat(1).WatchTermination(Keep.Right).To(sink).Run(Materializer);
        await late.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_broadcast_hub_waits_for_a_consumer_and_gives_all_to_it()
    {
        var source = Numbers(1, 500).RunWith(BroadcastHub.Sink<int>(8), Materializer);
        Assert.Equal(Enumerable.Range(1, 500), await Seq(source));
    }

    [Fact]
    public async Task All_consumers_of_a_broadcast_hub_get_what_comes_while_they_run()
    {
        var (queue, source) = Source
            .Queue<int>(1, OverflowStrategy.Backpressure)
            .ToMaterialized(BroadcastHub.Sink<int>(8), Keep.Both)
            .Run(Materializer);
        var joined = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource()).ToArray();
        var results = joined
            .Select(first =>
                source
                    .Select(n =>
                    {
                        first.TrySetResult();
                        return n;
                    })
                    .RunWith(Sink.Seq<int>(), Materializer)
            )
            .ToList();
        var last = 0;
        while (!joined.All(first => first.Task.IsCompleted))
            await queue.OfferAsync(++last).WaitAsync(Patience);
        queue.Complete();
        foreach (var result in results)
        {
            var seen = await result.WaitAsync(Patience);
            Assert.Equal(Enumerable.Range(last - seen.Count + 1, seen.Count), seen);
        }
    }
}
