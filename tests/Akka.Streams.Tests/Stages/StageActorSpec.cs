using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Stages;

public sealed class StageActorSpec : StreamTest
{
    [Fact]
    public async Task Messages_are_events_of_the_stage_and_can_be_replied_to()
    {
        var (promise, reference) = await Start();
        Assert.Equal(2, await reference.Ask<int>(2, Patience));
        Assert.Equal(5, await reference.Ask<int>(3, Patience));
        promise.SetResult(0);
    }

    [Fact]
    public async Task PoisonPill_and_Kill_do_not_end_it()
    {
        var (promise, reference) = await Start();
        reference.Tell(PoisonPill.Instance);
        reference.Tell(Kill.Instance);
        Assert.Equal(1, await reference.Ask<int>(1, Patience));
        promise.SetResult(0);
    }

    [Fact]
    public async Task It_can_be_watched_and_ends_with_its_stage()
    {
        var (promise, reference) = await Start();
        var ended = EndOf(reference);
        Assert.False(ended.IsCompleted);
        promise.SetResult(0);
        await ended.WaitAsync(Patience);
        await EndOf(reference).WaitAsync(Patience);
    }

    [Fact]
    public async Task It_hears_of_the_end_of_an_actor_that_it_watches()
    {
        var (promise, reference) = await Start();
        var subject = Sys.ActorOf(Props.Create(() => new Idle()));
        var ended = reference.Ask<Terminated>(subject, Patience);
        Sys.Stop(subject);
        Assert.Equal(subject, (await ended).ActorRef);
        promise.SetResult(0);
    }

    private async Task<(TaskCompletionSource<int> Promise, IActorRef Reference)> Start()
    {
        var stage = new Summing();
        var promise = Source.Maybe<int>().To(Sink.FromGraph(stage)).Run(Materializer);
        return (promise, await stage.Reference.WaitAsync(Patience));
    }

    private Task EndOf(IActorRef subject)
    {
        var ended = new TaskCompletionSource();
        Sys.ActorOf(Props.Create(() => new Watcher(subject, ended)));
        return ended.Task;
    }

    private sealed class Idle : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef subject, TaskCompletionSource ended)
        {
            Context.Watch(subject);
            Receive<Terminated>(_ => ended.SetResult());
        }
    }

    /// <summary>Sums up the numbers that it is sent, and watches the actors.</summary>
    private sealed class Summing : GraphStage<SinkShape<int>>
    {
        private readonly TaskCompletionSource<IActorRef> _reference = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task<IActorRef> Reference => _reference.Task;

        public override SinkShape<int> Shape { get; } = new(new Inlet<int>("sum.in"));

        protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

        private sealed class Logic : GraphStageLogic
        {
            private readonly Summing _stage;
            private IActorRef _asker = ActorRefs.Nobody;
            private int _sum;

            public Logic(Summing stage)
                : base(stage.Shape)
            {
                _stage = stage;
                SetHandler(stage.Shape.Inlet, onPush: () => Grab(stage.Shape.Inlet));
            }

            public override void PreStart()
            {
                _stage._reference.SetResult(GetStageActor(Received).Ref);
                Pull(_stage.Shape.Inlet);
            }

            private void Received((IActorRef Sender, object Message) args)
            {
                switch (args.Message)
                {
                    case int number:
                        _sum += number;
                        args.Sender.Tell(_sum, StageActor.Ref);
                        break;
                    case IActorRef subject:
                        _asker = args.Sender;
                        StageActor.Watch(subject);
                        break;
                    case Terminated terminated:
                        _asker.Tell(terminated);
                        break;
                }
            }
        }
    }
}
