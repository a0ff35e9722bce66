using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>As a merge, but as long as the preferred inlet has an element, that goes first.</summary>
public sealed class MergePreferred<T> : GraphStage<MergePreferred<T>.MergePreferredShape>
{
    private readonly bool _eagerComplete;

    /// <summary><paramref name="secondaryPorts"/> inlets beside the preferred one.</summary>
    public MergePreferred(int secondaryPorts, bool eagerComplete = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secondaryPorts, 1);
        _eagerComplete = eagerComplete;
        Shape = new MergePreferredShape(secondaryPorts, "MergePreferred");
    }

    public Outlet<T> Out => Shape.Out;

    public Inlet<T> Preferred => Shape.Preferred;

    public override MergePreferredShape Shape { get; }

    public Inlet<T> In(int id) => Shape.In(id);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    /// <summary>Some inlets, a preferred one, and one outlet.</summary>
    public sealed class MergePreferredShape : UniformFanInShape<T, T>
    {
        private readonly int _secondaryPorts;

        public MergePreferredShape(int secondaryPorts, IInit init)
            : base(secondaryPorts, init)
        {
            _secondaryPorts = secondaryPorts;
            Preferred = NewInlet<T>("preferred");
        }

        public MergePreferredShape(int secondaryPorts, string name)
            : this(secondaryPorts, new InitName(name)) { }

        public Inlet<T> Preferred { get; }

        protected override FanInShape<T> Construct(IInit init) => new MergePreferredShape(_secondaryPorts, init);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly MergePreferred<T> _stage;
        private readonly Queue<Inlet<T>> _ready = new();
        private int _running;

        public Logic(MergePreferred<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _running = stage.Shape.N + 1;
            foreach (var inlet in stage.Shape.Ins)
                SetHandler(inlet, onPush: () => Arrived(inlet), onUpstreamFinish: Ended);
            SetHandler(
                stage.Preferred,
                onPush: () =>
                {
                    if (IsAvailable(stage.Out))
                        PushFrom(stage.Preferred);
                },
                onUpstreamFinish: Ended
            );
            SetHandler(stage.Out, this);
        }

        public override void PreStart()
        {
            TryPull(_stage.Preferred);
            foreach (var inlet in _stage.Shape.Ins)
                TryPull(inlet);
        }

        public override void OnPull()
        {
            if (IsAvailable(_stage.Preferred))
                PushFrom(_stage.Preferred);
            else if (_ready.TryDequeue(out var inlet))
                PushFrom(inlet);
        }

        private void Arrived(Inlet<T> inlet)
        {
            if (IsAvailable(_stage.Out) && _ready.Count == 0 && !IsAvailable(_stage.Preferred))
                PushFrom(inlet);
            else
                _ready.Enqueue(inlet);
        }

        private void PushFrom(Inlet<T> inlet)
        {
            Push(_stage.Out, Grab(inlet));
            TryPull(inlet);
            CompleteIfDone();
        }

        private void Ended()
        {
            _running--;
            if (_stage._eagerComplete)
                CompleteStage();
            else
                CompleteIfDone();
        }

        private void CompleteIfDone()
        {
            if (_running == 0 && _ready.Count == 0 && !IsAvailable(_stage.Preferred))
                CompleteStage();
        }
    }
}
