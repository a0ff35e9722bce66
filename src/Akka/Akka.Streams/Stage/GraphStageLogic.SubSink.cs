using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>An inlet of this stage that is joined to a graph which the stage runs itself.</summary>
    protected internal SubSinkInlet<T> CreateSubSinkInlet<T>(string name) => new(this, name);

    /// <summary>An inlet that gets its elements from a graph which the stage runs itself.</summary>
    protected internal sealed class SubSinkInlet<T>
    {
        private readonly string _name;
        private readonly SubSinkLink<T> _link;
        private IInHandler _handler = EagerTerminateInput;
        private T _element = default!;
        private bool _isPulled;

        internal SubSinkInlet(GraphStageLogic parent, string name)
        {
            _name = name;
            _link = new SubSinkLink<T>(parent.GetAsyncCallback<SubSinkEvent<T>>(Handle));
        }

        /// <summary>The sink to run a source into, once.</summary>
        public IGraph<SinkShape<T>, NotUsed> Sink => field ??= new SubSinkStage<T>(_link);

        public bool IsAvailable { get; private set; }

        public bool IsClosed { get; private set; }

        public bool HasBeenPulled => _isPulled && !IsClosed;

        public void SetHandler(IInHandler handler) => _handler = handler;

        public T Grab()
        {
            if (!IsAvailable)
                throw new ArgumentException($"Cannot get element from already empty input port [{_name}]");
            var element = _element;
            (IsAvailable, _element) = (false, default!);
            return element;
        }

        public void Pull()
        {
            if (IsClosed || _isPulled)
                throw new ArgumentException($"Cannot pull {(IsClosed ? "closed port" : "port twice")} [{_name}]");
            _isPulled = true;
            _link.Pull();
        }

        public void Cancel() => Cancel(SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);

        public void Cancel(Exception cause)
        {
            if (IsClosed)
                return;
            (IsClosed, IsAvailable, _element) = (true, false, default!);
            _link.Cancel(cause);
        }

        private void Handle(SubSinkEvent<T> item)
        {
            if (IsClosed)
                return;
            switch (item.Kind)
            {
                case SubSinkEventKind.Element:
                    (_isPulled, IsAvailable, _element) = (false, true, item.Element!);
                    _handler.OnPush();
                    break;
                case SubSinkEventKind.Completed:
                    IsClosed = true;
                    _handler.OnUpstreamFinish();
                    break;
                default:
                    IsClosed = true;
                    _handler.OnUpstreamFailure(item.Error!);
                    break;
            }
        }
    }
}
