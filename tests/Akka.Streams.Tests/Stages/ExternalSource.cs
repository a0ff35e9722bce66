using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Stages;

/// <summary>A source that emits what is pushed into it from any thread.</summary>
internal sealed class ExternalSource : GraphStage<SourceShape<(int Thread, int Call)>>
{
    private readonly Outlet<(int Thread, int Call)> _out = new("external.out");

    public bool PushesEarly { get; init; }

    public ExternalLogic Logic { get; private set; } = null!;

    public override SourceShape<(int Thread, int Call)> Shape =>
        field ??= new SourceShape<(int Thread, int Call)>(_out);

    public Task<IImmutableList<(int Thread, int Call)>> Run(int count, IMaterializer materializer) =>
        Source.FromGraph(this).Take(count).RunWith(Sink.Seq<(int Thread, int Call)>(), materializer);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => Logic = new ExternalLogic(this);

    internal sealed class ExternalLogic : GraphStageLogic
    {
        public ExternalLogic(ExternalSource stage)
            : base(stage.Shape)
        {
            Push = GetAsyncCallback<(int, int)>(element => Emit(stage._out, element));
            SetHandler(stage._out, EagerTerminateOutput);
            if (stage.PushesEarly)
                Push((-1, -1));
        }

        public Action<(int, int)> Push { get; }
    }
}

/// <summary>Waits for the end of an actor.</summary>
internal static class Watching
{
    public static Task<bool> WatchAsyncForTest(this IActorRef actor, ActorSystem system)
    {
        var ended = new TaskCompletionSource<bool>();
        system.ActorOf(Props.Create(() => new Watcher(actor, ended)));
        return ended.Task;
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef actor, TaskCompletionSource<bool> ended)
        {
            Context.Watch(actor);
            Receive<Terminated>(_ => ended.TrySetResult(true));
        }
    }
}
