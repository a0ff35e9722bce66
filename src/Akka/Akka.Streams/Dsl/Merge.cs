using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Emits elements of all inlets as they come; inlets that have one take turns.</summary>
public class Merge<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>>
    where TIn : TOut
{
    private readonly bool _eagerComplete;

    /// <summary>With <paramref name="eagerComplete"/> the first inlet to complete ends the stage.</summary>
    public Merge(int inputPorts, bool eagerComplete = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputPorts, 1);
        _eagerComplete = eagerComplete;
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Merge");
    }

    public Outlet<TOut> Out => Shape.Out;

    public sealed override UniformFanInShape<TIn, TOut> Shape { get; }

    public Inlet<TIn> In(int id) => Shape.In(id);

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Merge<TIn, TOut> _stage;
        private readonly Queue<Inlet<TIn>> _ready = new();
        private int _running;

        public Logic(Merge<TIn, TOut> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _running = stage.Shape.N;
            foreach (var inlet in stage.Shape.Ins)
                SetHandler(inlet, onPush: () => Arrived(inlet), onUpstreamFinish: () => Ended(inlet));
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            foreach (var inlet in _stage.Shape.Ins)
                TryPull(inlet);
        }

        public override void OnPull()
        {
            if (_ready.TryDequeue(out var inlet))
                PushFrom(inlet);
        }

        private void Arrived(Inlet<TIn> inlet)
        {
            if (IsAvailable(_stage.Out) && _ready.Count == 0)
                PushFrom(inlet);
            else
                _ready.Enqueue(inlet);
        }

        private void PushFrom(Inlet<TIn> inlet)
        {
            Push(_stage.Out, Grab(inlet));
            if (_running == 0 && _ready.Count == 0)
                CompleteStage();
            else
                TryPull(inlet);
        }

        private void Ended(Inlet<TIn> inlet)
        {
            _running--;
            if (_stage._eagerComplete)
            {
                foreach (var other in _stage.Shape.Ins)
                    Cancel(other);
                _running = 0;
                // Of what has arrived only the completed inlet's own last element is left.
                for (var i = _ready.Count; i > 0; i--)
                {
                    if (_ready.Dequeue() is var next && IsAvailable(next))
                        _ready.Enqueue(next);
                }
            }
            if (_running == 0 && _ready.Count == 0)
                CompleteStage();
        }
    }
}

/// <summary>Emits elements of all inlets as they come; inlets that have one take turns.</summary>
public sealed class Merge<T>(int inputPorts, bool eagerComplete = false) : Merge<T, T>(inputPorts, eagerComplete);
