using Akka.Streams;
using Akka.Streams.Stage;

namespace Hatchery.Streaming.Transport;

/// <summary>Owns a socket's receiving side: each element is all whole requests of one receive. It reads only while there is demand.</summary>
internal sealed class SocketSource(PolledSocket socket, ConnectionEngine engine)
    : GraphStage<SourceShape<ReceivedBatch>>
{
    private readonly Outlet<ReceivedBatch> _out = new("SocketSource.out");

    public override SourceShape<ReceivedBatch> Shape => new(_out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, socket, engine);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly SocketSource _stage;
        private readonly SocketReceiver _receiver;

        public Logic(SocketSource stage, PolledSocket socket, ConnectionEngine engine)
            : base(stage.Shape)
        {
            _stage = stage;
            _receiver = new(socket, engine, GetAsyncCallback(Deliver));
            SetHandler(stage._out, this);
        }

        public override void OnPull() => Deliver();

        public override void PostStop() => _receiver.Dispose();

        private void Deliver()
        {
            if (!IsAvailable(_stage._out))
                return;
            if (_receiver.TryTake() is { } batch)
                Push(_stage._out, batch);
            else if (_receiver.HasEnded)
                CompleteStage();
        }
    }
}
