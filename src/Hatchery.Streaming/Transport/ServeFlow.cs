using Akka.Streams;
using Akka.Streams.Stage;

namespace Hatchery.Streaming.Transport;

/// <summary>Turns requests into replies by a connection's engine; a peer that closed its side is served to the end.</summary>
internal sealed class ServeFlow(ConnectionEngine engine) : GraphStage<FlowShape<ReceivedBatch, ReplyBatch>>
{
    private readonly Inlet<ReceivedBatch> _in = new("ServeFlow.in");
    private readonly Outlet<ReplyBatch> _out = new("ServeFlow.out");

    public override FlowShape<ReceivedBatch, ReplyBatch> Shape => new(_in, _out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, engine);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        // Tells the sink not to wait for a peer that does not read.
        private static readonly OperationCanceledException s_aborted = new("the connection was aborted");

        private readonly ServeFlow _stage;
        private readonly ConnectionEngine _engine;

        public Logic(ServeFlow stage, ConnectionEngine engine)
            : base(stage.Shape)
        {
            (_stage, _engine) = (stage, engine);
            SetHandler(stage._in, this);
            SetHandler(stage._out, this);
            engine.Attach(GetAsyncCallback(Advance));
        }

        public override void PreStart()
        {
            SetKeepGoing(enabled: true);
            _engine.Start();
            Advance();
        }

        public override void OnPush()
        {
            _engine.Accept(Grab(_stage._in));
            Advance();
        }

        public override void OnPull()
        {
            _engine.Output.Sent();
            Advance();
        }

        /// <summary>A peer that closed its side gets the replies to what it asked before.</summary>
        public override void OnUpstreamFinish()
        {
            _engine.Drain();
            Advance();
        }

        public override void OnUpstreamFailure(Exception e) => OnDownstreamFinish(e);

        public override void OnDownstreamFinish(Exception cause)
        {
            _engine.Abort();
            Advance();
        }

        public override void PostStop() => _engine.Detach();

        private void Advance()
        {
            _engine.Pump();
            if (IsAvailable(_stage._out) && _engine.Output.Take() is { } replies)
                Push(_stage._out, replies);
            if (_engine.State == EngineState.Aborted)
                FailStage(s_aborted);
            else if (_engine.IsFinished)
                CompleteStage();
            else if (_engine.WantsInput && !HasBeenPulled(_stage._in) && !IsClosed(_stage._in))
                Pull(_stage._in);
        }
    }
}
