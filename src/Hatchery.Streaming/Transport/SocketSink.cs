using Akka.Streams;
using Akka.Streams.Stage;

namespace Hatchery.Streaming.Transport;

/// <summary>Owns a socket's sending side: each element leaves in one send, and the next is asked for when it has left. Its task ends with the stream.</summary>
internal sealed class SocketSink(PolledSocket socket) : GraphStageWithMaterializedValue<SinkShape<ReplyBatch>, Task>
{
    private readonly Inlet<ReplyBatch> _in = new("SocketSink.in");

    public override SinkShape<ReplyBatch> Shape => new(_in);

    public override ILogicAndMaterializedValue<Task> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(this, socket);
        return new LogicAndMaterializedValue<Task>(logic, logic.Ended.Task);
    }

    private sealed class Logic : InGraphStageLogic
    {
        private readonly SocketSink _stage;
        private readonly SocketSender _sender;

        public Logic(SocketSink stage, PolledSocket socket)
            : base(stage.Shape)
        {
            _stage = stage;
            _sender = new(socket, GetAsyncCallback(Left));
            SetHandler(stage._in, this);
        }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void PreStart()
        {
            SetKeepGoing(enabled: true);
            Pull(_stage._in);
        }

        public override void OnPush()
        {
            if (_sender.Send(Grab(_stage._in)))
                Left();
        }

        public override void OnUpstreamFinish()
        {
            if (!_sender.IsSending)
                CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e) => CompleteStage();

        public override void PostStop()
        {
            _sender.Dispose();
            Ended.TrySetResult();
        }

        private void Left()
        {
            if (!_sender.TryEnd())
                return;
            if (_sender.HasFailed || IsClosed(_stage._in))
                CompleteStage();
            else if (!HasBeenPulled(_stage._in))
                Pull(_stage._in);
        }
    }
}
