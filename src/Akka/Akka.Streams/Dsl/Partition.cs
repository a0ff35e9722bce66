using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>A partitioner named an outlet that does not exist.</summary>
public sealed class PartitionOutOfBoundsException(string message) : Exception(message);

/// <summary>Emits every element to the outlet that a function chooses.</summary>
public sealed class Partition<T> : GraphStage<UniformFanOutShape<T, T>>
{
    public readonly Inlet<T> In;

    private readonly Func<T, int> _partitioner;

    public Partition(int outputPorts, Func<T, int> partitioner)
    {
        _partitioner = partitioner;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Partition");
        In = Shape.In;
    }

    public override UniformFanOutShape<T, T> Shape { get; }

    public Outlet<T> Out(int id) => Shape.Out(id);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InGraphStageLogic
    {
        private readonly Partition<T> _stage;
        private Outlet<T>? _target;
        private T _element = default!;
        private int _running;

        public Logic(Partition<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _running = stage.Shape.Outs.Count;
            SetHandler(stage.In, this);
            foreach (var outlet in stage.Shape.Outs)
                SetHandler(outlet, onPull: () => Wanted(outlet), onDownstreamFinish: cause => Ended(outlet, cause));
        }

        public override void OnPush()
        {
            var element = Grab(_stage.In);
            var index = _stage._partitioner(element);
            if ((uint)index >= (uint)_stage.Shape.Outs.Count)
                throw new PartitionOutOfBoundsException(
                    $"partitioner must return an index in the range [0,{_stage.Shape.Outs.Count - 1}]. returned: [{index}] for input [{element?.GetType().Name}]."
                );
            var outlet = _stage.Out(index);
            if (IsClosed(outlet))
            {
                TryPull(_stage.In);
            }
            else if (IsAvailable(outlet))
            {
                Push(outlet, element);
                if (AnyWants())
                    TryPull(_stage.In);
            }
            else
            {
                (_target, _element) = (outlet, element);
            }
        }

        public override void OnUpstreamFinish()
        {
            if (_target is null)
                CompleteStage();
        }

        private void Wanted(Outlet<T> outlet)
        {
            if (_target is null)
            {
                TryPull(_stage.In);
                return;
            }
            if (!ReferenceEquals(_target, outlet))
                return;
            var element = _element;
            (_target, _element) = (null, default!);
            Push(outlet, element);
            if (IsClosed(_stage.In))
                CompleteStage();
            else if (AnyWants())
                TryPull(_stage.In);
        }

        private void Ended(Outlet<T> outlet, Exception cause)
        {
            _running--;
            if (_running == 0)
            {
                CancelStage(cause);
                return;
            }
            if (!ReferenceEquals(_target, outlet))
                return;
            (_target, _element) = (null, default!);
            if (IsClosed(_stage.In))
                CompleteStage();
            else if (AnyWants())
                TryPull(_stage.In);
        }

        private bool AnyWants()
        {
            foreach (var outlet in _stage.Shape.Outs)
            {
                if (IsAvailable(outlet))
                    return true;
            }
            return false;
        }
    }
}
