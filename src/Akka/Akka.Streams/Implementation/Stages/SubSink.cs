using Akka.Pattern;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>What the far end of a sub-inlet has to tell.</summary>
internal enum SubSinkEventKind
{
    Element,
    Completed,
    Failed,
}

/// <summary>What the far end of a sub-inlet tells.</summary>
internal readonly record struct SubSinkEvent<T>(SubSinkEventKind Kind, T? Element = default, Exception? Error = null);

/// <summary>Joins a sub-inlet to its sink, which may start later than the inlet is used.</summary>
internal sealed class SubSinkLink<T>(Action<SubSinkEvent<T>> toParent)
{
    private readonly Lock _sync = new();
    private Action? _pull;
    private Action<Exception>? _cancel;
    private bool _isPulled;
    private Exception? _cancellation;

    public Action<SubSinkEvent<T>> ToParent => toParent;

    public void Pull()
    {
        lock (_sync)
        {
            if (_pull is null)
            {
                _isPulled = true;
                return;
            }
        }
        _pull();
    }

    public void Cancel(Exception cause)
    {
        lock (_sync)
        {
            if (_cancel is null)
            {
                _cancellation = cause;
                return;
            }
        }
        _cancel(cause);
    }

    public void Attach(Action pull, Action<Exception> cancel)
    {
        lock (_sync)
        {
            if (_pull is not null)
                throw new IllegalStateException("Substream source cannot be materialized more than once");
            (_pull, _cancel) = (pull, cancel);
        }
        if (_cancellation is not null)
            cancel(_cancellation);
        else if (_isPulled)
            pull();
    }
}

/// <summary>The sink of a sub-inlet.</summary>
internal sealed class SubSinkStage<T>(SubSinkLink<T> link) : SinkStage<T, NotUsed>
{
    private readonly SubSinkLink<T> _link = link;

    protected override (GraphStageLogic Logic, NotUsed Value) Create(Attributes attributes) =>
        (new Logic(this), NotUsed.Instance);

    private sealed class Logic(SubSinkStage<T> stage) : SinkLogic<T>(stage.Shape)
    {
        private readonly SubSinkLink<T> _link = stage._link;
        private bool _hasEnded;

        public override void PreStart() =>
            _link.Attach(
                GetAsyncCallback(() => TryPull(In)),
                GetAsyncCallback<Exception>(cause =>
                {
                    _hasEnded = true;
                    CancelStage(cause);
                    Cancel(In, cause);
                })
            );

        public override void OnPush() => _link.ToParent(new SubSinkEvent<T>(SubSinkEventKind.Element, Grab(In)));

        public override void OnUpstreamFinish()
        {
            _hasEnded = true;
            _link.ToParent(new SubSinkEvent<T>(SubSinkEventKind.Completed));
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _hasEnded = true;
            _link.ToParent(new SubSinkEvent<T>(SubSinkEventKind.Failed, Error: e));
            CompleteStage();
        }

        public override void PostStop()
        {
            if (!_hasEnded)
                _link.ToParent(
                    new SubSinkEvent<T>(SubSinkEventKind.Failed, Error: new AbruptStageTerminationException(this))
                );
        }
    }
}
