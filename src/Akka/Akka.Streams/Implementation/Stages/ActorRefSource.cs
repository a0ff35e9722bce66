using Akka.Actor;
using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// Emits the messages sent to the reference that it yields. Status.Success completes once what is buffered is emitted,
/// Status.Failure fails, the end of the actor completes at once.
/// </summary>
internal sealed class ActorRefSource<T>(int bufferSize, OverflowStrategy strategy) : SourceStage<T, IActorRef>
{
    private readonly int _bufferSize = bufferSize;
    private readonly OverflowStrategy _strategy = strategy;

    protected override (GraphStageLogic Logic, IActorRef Value) Create(Attributes attributes)
    {
        var logic = new Logic(this, Materialization.CurrentMaterializer);
        return (logic, logic.Ref);
    }

    private sealed class Logic : SourceLogic<T>
    {
        private readonly ActorRefSource<T> _stage;
        private readonly BoundedBuffer<T> _buffer;
        private readonly StageActor _actor;
        private bool _isEnding;

        public Logic(ActorRefSource<T> stage, ActorMaterializerImpl materializer)
            : base(stage.Shape)
        {
            _stage = stage;
            _buffer = new BoundedBuffer<T>(stage._bufferSize, stage._strategy);
            _actor = new StageActor(materializer, this, Received, "actorRefSource", GetAsyncCallback(CompleteStage));
        }

        public IActorRef Ref => _actor.Ref;

        public override void OnPull()
        {
            if (_buffer.Count > 0)
                Push(Out, _buffer.Take());
            if (_isEnding && _buffer.Count == 0)
                CompleteStage();
        }

        public override void PostStop() => _actor.Stop();

        private void Received((IActorRef Sender, object Message) args)
        {
            switch (args.Message)
            {
                case Status.Failure failure:
                    FailStage(failure.Cause);
                    break;
                case Status.Success:
                    _isEnding = true;
                    if (_buffer.Count == 0)
                        CompleteStage();
                    break;
                case T element when !_isEnding:
                    if (IsAvailable(Out) && _buffer.Count == 0)
                        Push(Out, element);
                    else if (_stage._bufferSize > 0)
                        _buffer.Offer(element);
                    break;
                default:
                    Log.Warning("Unexpected message [{0}] for a source of [{1}] is dropped", args.Message, typeof(T));
                    break;
            }
        }
    }
}
