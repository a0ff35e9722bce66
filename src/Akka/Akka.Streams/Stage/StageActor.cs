using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>The reference by which a stage receives messages.</summary>
public static class StageActorRef
{
    /// <summary>Reacts to a message and its sender.</summary>
    public delegate void Receive((IActorRef, object) args);
}

/// <summary>A stage asked for its actor before it had one.</summary>
public sealed class StageActorRefNotInitializedException : Exception
{
    public static readonly StageActorRefNotInitializedException Instance = new();

    private StageActorRefNotInitializedException()
        : base("You must first call GetStageActor(StageActorRef.Receive), to initialize the actor's behavior") { }
}

/// <summary>A minimal actor: what it receives is handled as an event of its stage. It stops with the stage.</summary>
public sealed class StageActor
{
    private readonly Action<(IActorRef, object)> _callback;
    private StageActorRef.Receive _behaviour;

    internal StageActor(
        ActorMaterializerImpl materializer,
        GraphStageLogic logic,
        StageActorRef.Receive initialReceive,
        string name,
        Action? onStop = null
    )
    {
        _behaviour = initialReceive;
        _callback = logic.GetAsyncCallback<(IActorRef, object)>(args => _behaviour(args));
        Ref = materializer.SpawnStageActor(
            Props.Create(() => new Forwarder(_callback, onStop)).WithDeploy(Deploy.Local),
            name
        );
    }

    public IActorRef Ref { get; }

    /// <summary>Changes what happens to messages from now on.</summary>
    public void Become(StageActorRef.Receive receive) => _behaviour = receive;

    /// <summary>Delivers a Terminated message when the actor ends.</summary>
    public void Watch(IActorRef actorRef) => Ref.Tell(new WatchCommand(actorRef), ActorRefs.NoSender);

    public void Unwatch(IActorRef actorRef) => Ref.Tell(new UnwatchCommand(actorRef), ActorRefs.NoSender);

    /// <summary>Stops receiving; messages from now on are dead letters.</summary>
    public void Stop() => Ref.Tell(PoisonPill.Instance, ActorRefs.NoSender);

    private sealed record WatchCommand(IActorRef Subject) : INoSerializationVerificationNeeded;

    private sealed record UnwatchCommand(IActorRef Subject) : INoSerializationVerificationNeeded;

    private sealed class Forwarder(Action<(IActorRef, object)> callback, Action? onStop) : UntypedActor
    {
        protected override void PostStop() => onStop?.Invoke();

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case WatchCommand watch:
                    Context.Watch(watch.Subject);
                    break;
                case UnwatchCommand unwatch:
                    Context.Unwatch(unwatch.Subject);
                    break;
                default:
                    callback((Sender, message));
                    break;
            }
        }
    }
}

public abstract partial class GraphStageLogic
{
    private StageActor? _stageActor;

    /// <summary>Part of the name of the stage's actor; empty for none.</summary>
    protected virtual string StageActorName => string.Empty;

    /// <summary>The actor that <see cref="GetStageActor"/> made.</summary>
    protected internal StageActor StageActor => _stageActor ?? throw StageActorRefNotInitializedException.Instance;

    /// <summary>Makes the stage's actor, or changes its behaviour when there is one. Not before PreStart.</summary>
    protected internal StageActor GetStageActor(StageActorRef.Receive receive)
    {
        if (_stageActor is null)
            _stageActor = new StageActor(Interpreter.Materializer, this, receive, StageActorName);
        else
            _stageActor.Become(receive);
        return _stageActor;
    }

    private void StopStageActor() => _stageActor?.Stop();
}
