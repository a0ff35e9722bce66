using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Emits every element to one outlet, the one that has asked first.</summary>
public sealed class Balance<T> : GraphStage<UniformFanOutShape<T, T>>
{
    private readonly bool _waitForAllDownstreams;

    /// <summary>With <paramref name="waitForAllDownstreams"/> nothing is emitted before all outlets have asked once.</summary>
    public Balance(int outputPorts, bool waitForAllDownstreams = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputPorts, 1);
        _waitForAllDownstreams = waitForAllDownstreams;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Balance");
    }

    public Inlet<T> In => Shape.In;

    public override UniformFanOutShape<T, T> Shape { get; }

    public Outlet<T> Out(int id) => Shape.Out(id);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Balance<T> _stage;
        private readonly Queue<Outlet<T>> _waiting = new();
        private readonly HashSet<Outlet<T>> _unseen = [];
        private int _running;

        public Logic(Balance<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _running = stage.Shape.Outs.Count;
            SetHandler(stage.In, this);
            foreach (var outlet in stage.Shape.Outs)
            {
                if (stage._waitForAllDownstreams)
                    _unseen.Add(outlet);
                SetHandler(outlet, onPull: () => Wanted(outlet), onDownstreamFinish: cause => Ended(outlet, cause));
            }
        }

        public override void OnPush() => Distribute();

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(_stage.In))
                CompleteStage();
        }

        private void Wanted(Outlet<T> outlet)
        {
            _unseen.Remove(outlet);
            _waiting.Enqueue(outlet);
            Advance();
        }

        private void Ended(Outlet<T> outlet, Exception cause)
        {
            _running--;
            _unseen.Remove(outlet);
            if (_running == 0)
                CancelStage(cause);
            else
                Advance();
        }

        private void Advance()
        {
            if (_unseen.Count > 0)
                return;
            if (IsAvailable(_stage.In))
                Distribute();
            else if (_waiting.Count > 0)
                TryPull(_stage.In);
        }

        private void Distribute()
        {
            while (_waiting.TryDequeue(out var outlet))
            {
                if (!IsAvailable(outlet))
                    continue;
                Push(outlet, Grab(_stage.In));
                if (IsClosed(_stage.In))
                    CompleteStage();
                else if (_waiting.Count > 0)
                    Pull(_stage.In);
                return;
            }
        }
    }
}
