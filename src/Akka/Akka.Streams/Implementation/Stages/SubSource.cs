using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>An outlet of a stage that is joined to a graph which the stage runs itself.</summary>
internal sealed class SubSourceOutlet<T>
{
    private readonly Link _link;
    private readonly string _name;
    private IOutHandler _handler = EagerTerminateOutput.Instance;

    public SubSourceOutlet(GraphStageLogic parent, string name)
    {
        _name = name;
        _link = new Link(
            parent.GetAsyncCallback(() =>
            {
                if (IsClosed || IsAvailable)
                    return;
                IsAvailable = true;
                _handler.OnPull();
            }),
            parent.GetAsyncCallback<Exception>(cause =>
            {
                if (IsClosed)
                    return;
                (IsAvailable, IsClosed) = (false, true);
                _handler.OnDownstreamFinish(cause);
            })
        );
    }

    /// <summary>The source to run, once.</summary>
    public Dsl.Source<T, NotUsed> Source => Dsl.Source.FromGraph(new SubSourceStage(_link));

    public bool IsAvailable { get; private set; }

    public bool IsClosed { get; private set; }

    public void SetHandler(IOutHandler handler) => _handler = handler;

    public void Push(T element)
    {
        if (!IsAvailable)
            throw new ArgumentException($"Cannot push port [{_name}] twice, or before it being pulled");
        IsAvailable = false;
        _link.Send(logic => logic.PushOut(element));
    }

    public void Complete()
    {
        if (Close())
            _link.Send(static logic => logic.CompleteStage());
    }

    public void Fail(Exception error)
    {
        if (Close())
            _link.Send(logic => logic.FailStage(error));
    }

    private bool Close()
    {
        if (IsClosed)
            return false;
        (IsAvailable, IsClosed) = (false, true);
        return true;
    }

    /// <summary>Joins the outlet to its source, which may start later than the outlet is used.</summary>
    private sealed class Link(Action pulled, Action<Exception> cancelled)
    {
        private readonly Lock _sync = new();
        private readonly List<Action<Logic>> _early = [];
        private Action<Action<Logic>>? _send;

        public Action Pulled => pulled;

        public Action<Exception> Cancelled => cancelled;

        public void Send(Action<Logic> command)
        {
            lock (_sync)
            {
                if (_send is null)
                {
                    _early.Add(command);
                    return;
                }
            }
            _send(command);
        }

        public void Attach(Action<Action<Logic>> send)
        {
            lock (_sync)
            {
                _early.ForEach(send);
                _send = send;
            }
        }
    }

    private sealed class SubSourceStage(Link link) : SourceStage<T, NotUsed>
    {
        protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
            (new Logic(Shape, link), NotUsed.Instance);
    }

    private sealed class Logic(SourceShape<T> shape, Link link) : SourceLogic<T>(shape)
    {
        public override void PreStart() => link.Attach(GetAsyncCallback<Action<Logic>>(command => command(this)));

        public override void OnPull() => link.Pulled();

        public override void OnDownstreamFinish(Exception cause)
        {
            link.Cancelled(cause);
            CompleteStage();
        }

        public void PushOut(T element) => Push(Out, element);
    }
}
