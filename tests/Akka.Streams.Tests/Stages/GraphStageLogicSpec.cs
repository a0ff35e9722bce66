using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Stages;

public sealed class GraphStageLogicSpec : StreamTest
{
    [Fact]
    public async Task Pulling_twice_fails_the_stage() =>
        Assert.Contains(
            "twice",
            (
                await Failure<ArgumentException>(
                    Run(logic =>
                        logic.OnPullDo = () =>
                        {
                            logic.PullIn();
                            logic.PullIn();
                        }
                    )
                )
            ).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Pushing_without_demand_fails_the_stage() =>
        await Failure<ArgumentException>(
            Run(logic =>
                logic.OnPushDo = () =>
                {
                    var element = logic.GrabIn();
                    logic.PushOut(element);
                    logic.PushOut(element);
                }
            )
        );

    [Fact]
    public async Task Grabbing_twice_fails_the_stage() =>
        await Failure<ArgumentException>(
            Run(logic =>
                logic.OnPushDo = () =>
                {
                    logic.GrabIn();
                    logic.GrabIn();
                }
            )
        );

    [Fact]
    public async Task An_exception_in_PreStart_fails_the_stream_and_PostStop_still_runs_once()
    {
        var stops = 0;
        await Failure<InvalidDataException>(
            Run(logic =>
            {
                logic.PreStartDo = () => throw new InvalidDataException("start");
                logic.PostStopDo = () => Interlocked.Increment(ref stops);
            })
        );
        Assert.Equal(1, stops);
    }

    [Fact]
    public async Task An_exception_in_PostStop_does_no_harm() =>
        Assert.Equal([1, 2, 3], await Run(logic => logic.PostStopDo = () => throw new InvalidDataException("stop")));

    [Fact]
    public async Task Emit_waits_for_demand_and_keeps_the_order() =>
        Assert.Equal(
            [10, 11, 12, 13, 1, 2, 3],
            await Run(logic =>
                logic.PreStartDo = () =>
                {
                    logic.EmitOut(10);
                    logic.EmitMany([11, 12]);
                    logic.EmitOut(13);
                }
            )
        );

    [Fact]
    public async Task What_is_being_emitted_is_out_before_the_stage_completes() =>
        Assert.Equal(
            [1, 2, 3, 97, 98, 99],
            await Run(logic =>
                logic.OnFinishDo = () =>
                {
                    logic.EmitMany([97, 98, 99]);
                    logic.CompleteStage();
                }
            )
        );

    [Fact]
    public async Task Read_waits_for_the_element() =>
        Assert.Equal(
            [3, 3],
            await Run(logic => logic.PreStartDo = () => logic.ReadTwo((first, second) => logic.EmitOut(first + second)))
        );

    [Fact]
    public async Task A_stage_that_keeps_going_lives_on_when_its_ports_are_closed()
    {
        var stopped = new TaskCompletionSource();
        Probe? probe = null;
        Assert.Equal(
            [1, 2, 3],
            await Run(logic =>
            {
                probe = logic;
                logic.PreStartDo = logic.KeepOn;
                logic.PostStopDo = () => stopped.TrySetResult();
            })
        );
        Assert.False(stopped.Task.IsCompleted);
        probe!.FromOutside(0);
        await stopped.Task.WaitAsync(Patience);
    }

    [Fact]
    public void A_port_without_a_handler_is_an_error_when_the_stream_is_run() =>
        Assert.ThrowsAny<Exception>(() =>
        {
            _ = Source.Single(1).Via(new WithoutHandlers()).RunWith(Sink.Ignore<int>(), Materializer);
        });

    private Task<System.Collections.Immutable.IImmutableList<int>> Run(Action<Probe> setUp) =>
        Seq(Numbers(1, 3).Via(new ProbeStage(setUp)));

    private sealed class WithoutHandlers : GraphStage<FlowShape<int, int>>
    {
        public override FlowShape<int, int> Shape { get; } = new(new Inlet<int>("in"), new Outlet<int>("out"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Empty(Shape);

        private sealed class Empty(Shape shape) : GraphStageLogic(shape);
    }
}
