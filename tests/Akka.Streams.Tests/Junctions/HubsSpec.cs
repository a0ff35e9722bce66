using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Junctions;

public sealed class HubsSpec : StreamTest
{
    [Fact]
    public async Task A_producer_gets_credit_back_in_halves_of_its_buffer()
    {
        var (sink, consumed) = MergeHub
            .Source<int>(3)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Materializer);
        var produced = 0;
        var source = Source.Repeat(0).Select(_ => Interlocked.Increment(ref produced)).RunWith(sink, Materializer);
        Assert.Equal(NotUsed.Instance, source);
        for (var i = 1; i <= 20; i++)
        {
            Assert.Equal(i, (await consumed.PullAsync().WaitAsync(Patience)).Value);
            // Those gone, those in the hub and one in the buffer of the sink.
            Assert.InRange(Volatile.Read(ref produced), i, i + 1 + 3);
        }
    }

    [Fact]
    public async Task All_elements_of_all_producers_arrive()
    {
        var (sink, result) = MergeHub
            .Source<int>(1)
            .Take(2000)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        Numbers(1, 1000).RunWith(sink, Materializer);
        Numbers(1001, 2000).RunWith(sink, Materializer);
        Assert.Equal(Enumerable.Range(1, 2000), (await result.WaitAsync(Patience)).Order());
    }
}
