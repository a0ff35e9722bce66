using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Passes elements along and shows them to a side outlet, which misses those it is too slow for.</summary>
internal sealed class WireTap<T> : GraphStage<FanOutShape<T, T, T>>
{
    public override FanOutShape<T, T, T> Shape { get; } = new("WireTap");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly FanOutShape<T, T, T> _shape;
        private bool _hasPending;
        private T _pending = default!;

        public Logic(FanOutShape<T, T, T> shape)
            : base(shape)
        {
            _shape = shape;
            SetHandler(shape.In, this);
            SetHandler(shape.Out0, onPull: () => Pull(shape.In));
            SetHandler(
                shape.Out1,
                onPull: PushPending,
                onDownstreamFinish: _ => (_hasPending, _pending) = (false, default!)
            );
        }

        public override void OnPush()
        {
            var element = Grab(_shape.In);
            Push(_shape.Out0, element);
            if (IsClosed(_shape.Out1))
                return;
            (_pending, _hasPending) = (element, true);
            if (IsAvailable(_shape.Out1))
                PushPending();
        }

        public override void OnUpstreamFinish()
        {
            if (_hasPending)
                Emit(_shape.Out1, _pending);
            CompleteStage();
        }

        private void PushPending()
        {
            if (!_hasPending)
                return;
            Push(_shape.Out1, _pending);
            (_hasPending, _pending) = (false, default!);
        }
    }
}

/// <summary>Passes elements along and shows each to an action first, until the action throws.</summary>
internal sealed class TapAction<T>(Action<T> action) : LinearStage<T, T>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, action);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly TapAction<T> _stage;
        private Action<T>? _action;

        public Logic(TapAction<T> stage, Action<T> action)
            : base(stage.Shape)
        {
            _stage = stage;
            _action = action;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush()
        {
            var element = Grab(_stage.In);
            try
            {
                _action?.Invoke(element);
            }
            catch (Exception error)
            {
                _action = null;
                Log.Error(error, "The action of a wire tap failed and is not called any more: {0}", error.Message);
            }
            Push(_stage.Out, element);
        }

        public override void OnPull() => Pull(_stage.In);
    }
}
