using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Stages;

public sealed class AsyncCallbackSpec : StreamTest
{
    [Fact]
    public async Task Calls_from_many_threads_all_arrive_those_of_each_in_order()
    {
        const int Threads = 4;
        const int Calls = 20_000;
        var source = new ExternalSource();
        var result = source.Run(Threads * Calls, Materializer);
        await Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(thread =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < Calls; i++)
                            source.Logic.Push((thread, i));
                    })
                )
        );
        var all = await result.WaitAsync(Patience);
        foreach (var thread in all.GroupBy(element => element.Thread))
            Assert.Equal(Enumerable.Range(0, Calls), thread.Select(element => element.Call));
        Assert.Equal(Threads * Calls, all.Count);
    }

    [Fact]
    public async Task Calls_before_the_start_wait_and_calls_after_the_end_are_dropped()
    {
        var source = new ExternalSource { PushesEarly = true };
        var result = source.Run(2, Materializer);
        source.Logic.Push((0, 1));
        Assert.Equal([(-1, -1), (0, 1)], await result.WaitAsync(Patience));
        source.Logic.Push((0, 2));
    }

    [Fact]
    public async Task The_actor_of_a_stage_receives_and_watches_and_stops_with_the_stage()
    {
        var stage = new ActorStage();
        var (actorTask, result) = Source
            .FromGraph(stage)
            .ToMaterialized(Sink.Seq<string>(), Keep.Both)
            .Run(Materializer);
        var actor = await actorTask.WaitAsync(Patience);
        var watched = Sys.ActorOf(Props.Create(() => new Silent()));
        actor.Tell("one");
        actor.Tell(watched);
        Sys.Stop(watched);
        Assert.Equal(["one", "terminated"], await result.WaitAsync(Patience));
        var stopped = await actor.WatchAsyncForTest(Sys).WaitAsync(Patience);
        Assert.True(stopped);
    }

    [Fact]
    public async Task A_cancelled_timer_does_not_fire_and_a_repeated_one_does() =>
        Assert.Equal(["again", "again", "again", "once"], await Seq(Source.FromGraph(new TimerStage())));

    private sealed class Silent : ReceiveActor;

    private sealed class TimerStage : GraphStage<SourceShape<string>>
    {
        private readonly Outlet<string> _out = new("timer.out");

        public override SourceShape<string> Shape => field ??= new SourceShape<string>(_out);

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

        private sealed class Logic : TimerGraphStageLogic
        {
            private readonly TimerStage _stage;
            private int _count;

            public Logic(TimerStage stage)
                : base(stage.Shape)
            {
                _stage = stage;
                SetHandler(stage._out, EagerTerminateOutput);
            }

            public override void PreStart()
            {
                ScheduleOnce("never", TimeSpan.FromMilliseconds(1));
                CancelTimer("never");
                ScheduleRepeatedly("again", TimeSpan.FromMilliseconds(5));
            }

            protected override void OnTimer(object timerKey)
            {
                Emit(_stage._out, (string)timerKey);
                if (timerKey.Equals("once"))
                {
                    CompleteStage();
                }
                else if (++_count == 3)
                {
                    CancelTimer("again");
                    ScheduleOnce("once", TimeSpan.FromMilliseconds(5));
                }
            }
        }
    }

    private sealed class ActorStage : GraphStageWithMaterializedValue<SourceShape<string>, Task<IActorRef>>
    {
        private readonly Outlet<string> _out = new("actor.out");

        public override SourceShape<string> Shape => field ??= new SourceShape<string>(_out);

        public override ILogicAndMaterializedValue<Task<IActorRef>> CreateLogicAndMaterializedValue(
            Attributes inheritedAttributes
        )
        {
            var logic = new Logic(this);
            return new LogicAndMaterializedValue<Task<IActorRef>>(logic, logic.Ref.Task);
        }

        private sealed class Logic : GraphStageLogic
        {
            private readonly ActorStage _stage;

            public Logic(ActorStage stage)
                : base(stage.Shape)
            {
                _stage = stage;
                SetHandler(stage._out, EagerTerminateOutput);
            }

            public TaskCompletionSource<IActorRef> Ref { get; } = new();

            public override void PreStart() => Ref.SetResult(GetStageActor(Received).Ref);

            private void Received((IActorRef Sender, object Message) args)
            {
                switch (args.Message)
                {
                    case string text:
                        Emit(_stage._out, text);
                        break;
                    case IActorRef subject:
                        StageActor.Watch(subject);
                        break;
                    case Terminated:
                        Emit(_stage._out, "terminated", CompleteStage);
                        break;
                }
            }
        }
    }
}
