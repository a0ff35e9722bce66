using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Emits every element to all outlets, once all of them ask for it.</summary>
public sealed class Broadcast<T> : GraphStage<UniformFanOutShape<T, T>>
{
    public readonly Inlet<T> In;

    private readonly bool _eagerCancel;

    /// <summary>With <paramref name="eagerCancel"/> the first outlet to cancel ends the stage, otherwise the last.</summary>
    public Broadcast(int outputPorts, bool eagerCancel = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputPorts, 1);
        _eagerCancel = eagerCancel;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Broadcast");
        In = Shape.In;
    }

    public override UniformFanOutShape<T, T> Shape { get; }

    public Outlet<T> Out(int id) => Shape.Out(id);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Broadcast<T> _stage;
        private readonly Outlet<T>[] _outs;
        private readonly bool[] _wants;
        private int _pending;
        private int _running;

        public Logic(Broadcast<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _outs = [.. stage.Shape.Outs];
            _pending = _running = _outs.Length;
            SetHandler(stage.In, this);
            _wants = new bool[_outs.Length];
            for (var i = 0; i < _outs.Length; i++)
            {
                var index = i;
                SetHandler(_outs[i], onPull: () => Wanted(index), onDownstreamFinish: cause => Ended(index, cause));
            }
        }

        public override void OnPush()
        {
            _pending = _running;
            var element = Grab(_stage.In);
            Array.Clear(_wants);
            foreach (var outlet in _outs)
            {
                if (!IsClosed(outlet))
                    Push(outlet, element);
            }
        }

        private void Wanted(int index)
        {
            _wants[index] = true;
            if (--_pending == 0)
                TryPull(_stage.In);
        }

        private void Ended(int index, Exception cause)
        {
            _running--;
            if (_stage._eagerCancel || _running == 0)
                CancelStage(cause);
            else if (!_wants[index])
                Wanted(index);
        }
    }
}
