using Akka.Actor;
using Akka.Pattern;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Flows;

public sealed class ArgumentsSpec : StreamTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Flow<int, int, NotUsed> Flow = Dsl.Flow.Create<int>();

    [Fact]
    public void Operators_refuse_arguments_that_make_no_sense()
    {
        Assert.ThrowsAny<ArgumentException>(() => Flow.Grouped(0));
        Assert.ThrowsAny<ArgumentException>(() => Flow.GroupedWithin(0, Second));
        Assert.ThrowsAny<ArgumentException>(() => Flow.GroupedWithin(1, TimeSpan.Zero));
        Assert.ThrowsAny<ArgumentException>(() => Flow.Buffer(0, OverflowStrategy.Fail));
        Assert.ThrowsAny<ArgumentException>(() => Flow.RecoverWithRetries(_ => Source.Empty<int>(), -2));
        Assert.ThrowsAny<ArgumentException>(() => Flow.Throttle(0, Second, 1, ThrottleMode.Shaping));
        Assert.ThrowsAny<ArgumentException>(() => Flow.Throttle(1, TimeSpan.Zero, 1, ThrottleMode.Shaping));
        Assert.ThrowsAny<ArgumentException>(() => Flow.Throttle(1, Second, 0, ThrottleMode.Enforcing));
    }

    [Fact]
    public void Sinks_with_a_buffer_need_room_for_one_element()
    {
        var none = Attributes.CreateInputBuffer(0, 0);
        Assert.ThrowsAny<ArgumentException>(() =>
            Source.Single(1).RunWith(Sink.Queue<int>().WithAttributes(none), Materializer)
        );
        Assert.ThrowsAny<ArgumentException>(() =>
            Source
                .Single(1)
                .RunWith(
                    Sink.ActorRefWithAck<int>(ActorRefs.Nobody, "init", "ack", "end").WithAttributes(none),
                    Materializer
                )
        );
    }

    [Fact]
    public void Nothing_runs_after_the_materializer_was_shut_down()
    {
        Materializer.Shutdown();
        Assert.Throws<IllegalStateException>(() =>
        {
            _ = Source.Single(1).RunWith(Sink.Ignore<int>(), Materializer);
        });
    }

    [Fact]
    public void A_graph_with_loose_ends_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() =>
            GraphDsl.Create(builder =>
            {
                builder.Add(new Merge<int>(2));
                return ClosedShape.Instance;
            })
        );

    [Fact]
    public void A_port_is_connected_once() =>
        Assert.Contains(
            "The input port [MergePreferred.preferred] is already connected",
            Assert
                .ThrowsAny<ArgumentException>(() =>
                    GraphDsl.Create(builder =>
                    {
                        var merge = builder.Add(new MergePreferred<int>(1));
                        builder.From(Numbers(1, 2)).To(merge.Preferred);
                        builder.From(Numbers(1, 2)).To(merge.Preferred);
                        return ClosedShape.Instance;
                    })
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task PassAlong_can_be_set_up_in_a_constructor() =>
        Assert.Equal([1, 2, 3], await Seq(Numbers(1, 3).Via(new Passing())));

    private sealed class Passing : GraphStage<FlowShape<int, int>>
    {
        public override FlowShape<int, int> Shape { get; } = new(new Inlet<int>("in"), new Outlet<int>("out"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

        private sealed class Logic : GraphStageLogic
        {
            public Logic(FlowShape<int, int> shape)
                : base(shape)
            {
                SetHandler(shape.Outlet, onPull: () => TryPull(shape.Inlet));
                PassAlong(shape.Inlet, shape.Outlet);
            }
        }
    }
}
