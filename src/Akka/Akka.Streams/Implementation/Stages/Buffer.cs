using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A bounded queue that says what happens to an element for which there is no room.</summary>
internal sealed class BoundedBuffer<T>(int size, OverflowStrategy strategy)
{
    private readonly LinkedList<T> _elements = [];

    public int Count => _elements.Count;

    public bool IsFull => _elements.Count >= size;

    /// <summary>Adds an element, dropping as the strategy says; false when the element itself was dropped.</summary>
    public bool Offer(T element)
    {
        if (IsFull)
        {
            switch (strategy)
            {
                case OverflowStrategy.DropHead:
                    _elements.RemoveFirst();
                    break;
                case OverflowStrategy.DropTail:
                    _elements.RemoveLast();
                    break;
                case OverflowStrategy.DropBuffer:
                    _elements.Clear();
                    break;
                case OverflowStrategy.DropNew:
                    return false;
                default:
                    throw new BufferOverflowException($"Buffer overflow (max capacity was {size})");
            }
        }
        _elements.AddLast(element);
        return true;
    }

    public T Take()
    {
        var element = _elements.First!.Value;
        _elements.RemoveFirst();
        return element;
    }

    public void Clear() => _elements.Clear();
}

/// <summary>Takes elements ahead of demand, up to a size.</summary>
internal sealed class Buffer<T>(int size, OverflowStrategy strategy) : LinearStage<T, T>
{
    private readonly int _size =
        size > 0 ? size : throw new ArgumentException("A buffer needs room for one element", nameof(size));
    private readonly OverflowStrategy _strategy = strategy;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Buffer<T> _stage;
        private readonly BoundedBuffer<T> _buffer;

        public Logic(Buffer<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _buffer = new BoundedBuffer<T>(stage._size, stage._strategy);
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart() => Pull(_stage.In);

        public override void OnPush()
        {
            var element = Grab(_stage.In);
            if (IsAvailable(_stage.Out) && _buffer.Count == 0)
                Push(_stage.Out, element);
            else
                _buffer.Offer(element);
            PullUnlessWaiting();
        }

        public override void OnPull()
        {
            if (_buffer.Count > 0)
                Push(_stage.Out, _buffer.Take());
            if (IsClosed(_stage.In))
            {
                if (_buffer.Count == 0)
                    CompleteStage();
                return;
            }
            PullUnlessWaiting();
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.Count == 0)
                CompleteStage();
        }

        private void PullUnlessWaiting()
        {
            if (_stage._strategy != OverflowStrategy.Backpressure || !_buffer.IsFull)
                TryPull(_stage.In);
        }
    }
}

/// <summary>Takes one element ahead of demand.</summary>
internal sealed class Detacher<T> : LinearStage<T, T>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Detacher<T> _stage;

        public Logic(Detacher<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart() => TryPull(_stage.In);

        public override void OnPush()
        {
            if (!IsAvailable(_stage.Out))
                return;
            Push(_stage.Out, Grab(_stage.In));
            TryPull(_stage.In);
        }

        public override void OnPull()
        {
            if (!IsAvailable(_stage.In))
                return;
            Push(_stage.Out, Grab(_stage.In));
            if (IsClosed(_stage.In))
                CompleteStage();
            else
                Pull(_stage.In);
        }

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(_stage.In))
                CompleteStage();
        }
    }
}
