using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits the elements of the first inlet or, where that completes without one, of the second.</summary>
internal sealed class OrElse<T> : GraphStage<UniformFanInShape<T, T>>
{
    public override UniformFanInShape<T, T> Shape { get; } = new(2, "OrElse");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Inlet<T> _first;
        private readonly Inlet<T> _second;
        private readonly Outlet<T> _out;
        private Inlet<T> _current;
        private bool _hasEmitted;

        public Logic(UniformFanInShape<T, T> shape)
            : base(shape)
        {
            (_first, _second, _out) = (shape.In(0), shape.In(1), shape.Out);
            _current = _first;
            SetHandler(_first, onPush: FirstArrived, onUpstreamFinish: FirstEnded);
            SetHandler(_second, onPush: () => Push(_out, Grab(_second)), onUpstreamFinish: SecondEnded);
            SetHandler(_out, this);
        }

        public override void OnPull() => Pull(_current);

        private void FirstArrived()
        {
            if (!_hasEmitted)
            {
                _hasEmitted = true;
                Cancel(_second);
            }
            Push(_out, Grab(_first));
        }

        private void FirstEnded()
        {
            if (_hasEmitted || IsClosed(_second))
            {
                CompleteStage();
                return;
            }
            _current = _second;
            if (IsAvailable(_out))
                Pull(_second);
        }

        private void SecondEnded()
        {
            if (IsClosed(_first))
                CompleteStage();
        }
    }
}
