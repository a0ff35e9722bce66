using Akka.Actor;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Sends elements to an actor, without back pressure; cancels when the actor ends.</summary>
internal sealed class ActorRefLogic<T>(
    SinkShape<T> shape,
    IActorRef target,
    object onComplete,
    Func<Exception, object> onFailure
) : SinkLogic<T>(shape)
{
    private bool _hasReported;

    public override void PreStart()
    {
        GetStageActor(Received).Watch(target);
        Pull(In);
    }

    public override void OnPush()
    {
        target.Tell(Grab(In)!, ActorRefs.NoSender);
        Pull(In);
    }

    public override void OnUpstreamFinish()
    {
        Report(onComplete);
        CompleteStage();
    }

    public override void OnUpstreamFailure(Exception e)
    {
        Report(onFailure(e));
        FailStage(e);
    }

    public override void PostStop()
    {
        if (!_hasReported)
            target.Tell(onFailure(new AbruptStageTerminationException(this)), ActorRefs.NoSender);
    }

    private void Report(object message)
    {
        _hasReported = true;
        target.Tell(message, ActorRefs.NoSender);
    }

    private void Received((IActorRef Sender, object Message) args)
    {
        if (args.Message is not Terminated terminated || !terminated.ActorRef.Equals(target))
            return;
        _hasReported = true;
        CompleteStage();
    }
}

/// <summary>Sends elements to an actor, each after the one before was acknowledged.</summary>
internal sealed class ActorRefWithAckLogic<T>(
    SinkShape<T> shape,
    IActorRef target,
    object onInit,
    object ack,
    object onComplete,
    Func<Exception, object> onFailure,
    int bufferSize
) : SinkLogic<T>(shape)
{
    private readonly int _bufferSize =
        bufferSize > 0
            ? bufferSize
            : throw new ArgumentException("The input buffer needs room for one element", nameof(bufferSize));

    private readonly Queue<T> _buffer = new();
    private bool _isAcked;
    private bool _isEnding;
    private bool _hasReported;
    private IActorRef _self = ActorRefs.Nobody;

    public override void PreStart()
    {
        SetKeepGoing(true);
        var actor = GetStageActor(Received);
        _self = actor.Ref;
        actor.Watch(target);
        target.Tell(onInit, _self);
        Pull(In);
    }

    public override void OnPush()
    {
        _buffer.Enqueue(Grab(In));
        SendNext();
        if (_buffer.Count < _bufferSize)
            TryPull(In);
    }

    public override void OnUpstreamFinish()
    {
        _isEnding = true;
        SendNext();
    }

    public override void OnUpstreamFailure(Exception e)
    {
        Report(onFailure(e));
        FailStage(e);
    }

    public override void PostStop()
    {
        if (!_hasReported)
            Report(onFailure(new AbruptStageTerminationException(this)));
    }

    private void Received((IActorRef Sender, object Message) args)
    {
        if (args.Message is Terminated terminated && terminated.ActorRef.Equals(target))
        {
            _hasReported = true;
            CompleteStage();
        }
        else if (args.Message.Equals(ack))
        {
            _isAcked = true;
            SendNext();
            if (_buffer.Count < _bufferSize)
                TryPull(In);
        }
    }

    private void SendNext()
    {
        if (_isAcked && _buffer.TryDequeue(out var element))
        {
            _isAcked = false;
            target.Tell(element!, _self);
        }
        // The end follows the last element at once: nobody waits for an acknowledgement of the end.
        if (_isEnding && _buffer.Count == 0)
        {
            Report(onComplete);
            CompleteStage();
        }
    }

    private void Report(object message)
    {
        _hasReported = true;
        target.Tell(message, _self);
    }
}
