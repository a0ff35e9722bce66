using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Finds what to do when user code throws.</summary>
internal static class SupervisionAttributes
{
    public static Decider Decider(this Attributes attributes) =>
        attributes.GetAttribute<ActorAttributes.SupervisionStrategy>()?.Decider ?? Deciders.StoppingDecider;
}

/// <summary>A logic of one inlet and one outlet that calls user code under supervision.</summary>
internal abstract class SupervisedLogic<TIn, TOut> : InAndOutGraphStageLogic
{
    private readonly Decider _decider;

    protected SupervisedLogic(LinearStage<TIn, TOut> stage, Attributes attributes)
        : base(stage.Shape)
    {
        In = stage.In;
        Out = stage.Out;
        _decider = attributes.Decider();
        SetHandlers(In, Out, this);
    }

    protected Inlet<TIn> In { get; }

    protected Outlet<TOut> Out { get; }

    public override void OnPull() => Pull(In);

    public sealed override void OnPush()
    {
        try
        {
            Handle(Grab(In));
        }
        catch (Exception error)
        {
            Failed(error);
        }
    }

    protected abstract void Handle(TIn element);

    /// <summary>User code threw: does as the decider says and goes on with the next element where it can.</summary>
    protected void Failed(Exception error)
    {
        switch (_decider(error))
        {
            case Directive.Stop:
                FailStage(error);
                return;
            case Directive.Restart:
                Restart();
                break;
        }
        Continue();
    }

    protected Directive Decide(Exception error) => _decider(error);

    /// <summary>Forgets the state.</summary>
    protected virtual void Restart() { }

    /// <summary>Asks for the next element after one was dropped.</summary>
    protected virtual void Continue()
    {
        if (IsAvailable(Out))
            TryPull(In);
    }
}
