using Akka.Actor;
using Akka.Event;
using Akka.Streams.Implementation.Fusing;
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
        var logic = new Logic(this, Materialization.CurrentMaterializer, attributes.GetNameOrDefault("actorRefSource"));
        return (logic, logic.Ref);
    }

    private sealed class Logic : SourceLogic<T>, IFedFromOutside
    {
        private readonly ActorRefSource<T> _stage;
        private readonly BoundedBuffer<T> _buffer;

        private bool _isEnding;

        public Logic(ActorRefSource<T> stage, ActorMaterializerImpl materializer, string name)
            : base(stage.Shape)
        {
            _stage = stage;
            _buffer = new BoundedBuffer<T>(stage._bufferSize, stage._strategy);
            var received = GetAsyncCallback<object>(Received);
            var ended = GetAsyncCallback(CompleteStage);
            Ref = materializer.SpawnStageActor(
                Props.Create(() => new Forwarder(received, ended)).WithDeploy(Deploy.Local),
                Uri.EscapeDataString(name)
            );
        }

        public IActorRef Ref { get; }

        public override void OnPull()
        {
            if (_buffer.Count > 0)
                Push(Out, _buffer.Take());
            if (_isEnding && _buffer.Count == 0)
                CompleteStage();
        }

        public override void PostStop() => Ref.Tell(PoisonPill.Instance, ActorRefs.NoSender);

        private void Received(object message)
        {
            switch (message)
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
                    Log.Warning("Unexpected message [{0}] for a source of [{1}] is dropped", message, typeof(T));
                    break;
            }
        }
    }

    private sealed class Forwarder(Action<object> received, Action ended) : UntypedActor
    {
        protected override void OnReceive(object message) => received(message);

        protected override void PostStop() => ended();
    }
}
