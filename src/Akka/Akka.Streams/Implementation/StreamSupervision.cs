using Akka.Actor;

namespace Akka.Streams.Implementation;

/// <summary>The actor below which a materializer's streams run.</summary>
internal sealed class StreamSupervision
{
    private static long _supervisors;
    private long _flows;
    private volatile bool _isStopped;

    public IActorRef Ref { get; private set; } = ActorRefs.Nobody;

    public ActorCell Cell => ((LocalActorRef)Ref).Cell;

    public bool IsStopped => _isStopped;

    public static StreamSupervision Start(IActorRefFactory context, string dispatcher)
    {
        var supervision = new StreamSupervision();
        var props = Props.Create(() => new StreamSupervisor(supervision)).WithDeploy(Deploy.Local);
        if (dispatcher.Length > 0)
            props = props.WithDispatcher(dispatcher);
        supervision.Ref = context.ActorOf(props, $"StreamSupervisor-{Interlocked.Increment(ref _supervisors) - 1}");
        return supervision;
    }

    public long NextFlow() => Interlocked.Increment(ref _flows) - 1;

    /// <summary>Starts an actor below the supervisor, from any thread.</summary>
    public IActorRef Spawn(Props props, string name) => Cell.AttachChild(props, isSystemService: false, name);

    public void Stop(ActorSystem system)
    {
        _isStopped = true;
        system.Stop(Ref);
    }

    /// <summary>A stream whose actor fails ends; it is not restarted.</summary>
    private sealed class StreamSupervisor(StreamSupervision supervision) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

        protected override void OnReceive(object message) => Unhandled(message);

        protected override void PostStop() => supervision._isStopped = true;
    }
}
