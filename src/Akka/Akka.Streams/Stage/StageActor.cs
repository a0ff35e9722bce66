using Akka.Actor;
using Akka.Event;
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

/// <summary>
/// A reference whose messages are handled as events of its stage. It ends with the stage. There is no actor behind it:
/// PoisonPill and Kill are ignored, with a warning.
/// </summary>
public sealed class StageActor
{
    private readonly ActorMaterializerImpl _materializer;
    private readonly Action<(IActorRef, object)> _callback;
    private readonly FunctionRef _reference;
    private StageActorRef.Receive _behaviour;

    internal StageActor(
        ActorMaterializerImpl materializer,
        GraphStageLogic logic,
        StageActorRef.Receive initialReceive,
        string name
    )
    {
        _materializer = materializer;
        _behaviour = initialReceive;
        _callback = logic.GetAsyncCallback<(IActorRef, object)>(args => _behaviour(args));
        _reference = materializer.AddReference(Received, name);
    }

    public IActorRef Ref => _reference;

    /// <summary>Changes what happens to messages from now on.</summary>
    public void Become(StageActorRef.Receive receive) => _behaviour = receive;

    /// <summary>Delivers a Terminated message when the actor ends.</summary>
    public void Watch(IActorRef actorRef) => _reference.Watch(actorRef);

    public void Unwatch(IActorRef actorRef) => _reference.Unwatch(actorRef);

    /// <summary>Stops receiving; messages from now on are dead letters.</summary>
    public void Stop() => _materializer.RemoveReference(_reference);

    private void Received(IActorRef sender, object message)
    {
        if (message is PoisonPill or Kill)
            _materializer.Logger.Warning(
                "{0} message sent to StageActor({1}) will be ignored, since it is not a real Actor. "
                    + "Use a custom message type to communicate with it instead.",
                message,
                _reference.Path
            );
        else
            _callback((sender, message));
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
