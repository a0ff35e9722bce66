using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Emits all elements of the first inlet, then all of the second, and so on.</summary>
public sealed class Concat<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>>
    where TIn : TOut
{
    public Concat(int inputPorts = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputPorts, 2);
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Concat");
    }

    public Outlet<TOut> Out => Shape.Out;

    public override UniformFanInShape<TIn, TOut> Shape { get; }

    public Inlet<TIn> In(int id) => Shape.In(id);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Concat<TIn, TOut> _stage;
        private int _active;

        public Logic(Concat<TIn, TOut> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            foreach (var inlet in stage.Shape.Ins)
                SetHandler(inlet, onPush: () => Push(stage.Out, Grab(inlet)), onUpstreamFinish: () => Ended(inlet));
            SetHandler(stage.Out, this);
        }

        public override void OnPull() => Pull(_stage.In(_active));

        private void Ended(Inlet<TIn> inlet)
        {
            if (!ReferenceEquals(inlet, _stage.In(_active)))
                return;
            do _active++;
            while (_active < _stage.Shape.N && IsClosed(_stage.In(_active)));
            if (_active == _stage.Shape.N)
                CompleteStage();
            else if (IsAvailable(_stage.Out))
                Pull(_stage.In(_active));
        }
    }
}

/// <summary>Makes concatenations.</summary>
public static class Concat
{
    public static IGraph<UniformFanInShape<T, T>, NotUsed> Create<T>(int inputPorts = 2) =>
        new Concat<T, T>(inputPorts);
}
