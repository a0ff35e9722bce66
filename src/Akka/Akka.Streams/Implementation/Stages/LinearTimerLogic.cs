using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A logic with timers, one inlet and one outlet, that is its own handler.</summary>
internal abstract class LinearTimerLogic<TIn, TOut> : TimerGraphStageLogic, IInHandler, IOutHandler
{
    /// <summary>For logics with one timer.</summary>
    protected static readonly object TimerKey = new();

    protected LinearTimerLogic(LinearStage<TIn, TOut> stage)
        : base(stage.Shape)
    {
        In = stage.In;
        Out = stage.Out;
        SetHandler(In, (IInHandler)this);
        SetHandler(Out, (IOutHandler)this);
    }

    protected Inlet<TIn> In { get; }

    protected Outlet<TOut> Out { get; }

    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}
