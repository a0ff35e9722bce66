using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

/// <summary>Reactions to what happens at an inlet.</summary>
public interface IInHandler
{
    /// <summary>An element has arrived and can be grabbed.</summary>
    void OnPush();

    /// <summary>Upstream has completed; no element follows.</summary>
    void OnUpstreamFinish();

    /// <summary>Upstream has failed; no element follows.</summary>
    void OnUpstreamFailure(Exception e);
}

/// <summary>Reactions to what happens at an outlet.</summary>
public interface IOutHandler
{
    /// <summary>Downstream asks for one element.</summary>
    void OnPull();

    /// <summary>Downstream has cancelled; no element can be pushed any more.</summary>
    void OnDownstreamFinish(Exception cause);
}

/// <summary>Completes or fails the stage when upstream does.</summary>
public abstract class InHandler : IInHandler
{
    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => GraphInterpreter.ActiveStage.CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.ActiveStage.FailStage(e);
}

/// <summary>Ends the stage when downstream cancels.</summary>
public abstract class OutHandler : IOutHandler
{
    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) =>
        GraphInterpreter.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>Both handlers in one, with the default reactions to termination.</summary>
public abstract class InAndOutHandler : IInHandler, IOutHandler
{
    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => GraphInterpreter.ActiveStage.CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => GraphInterpreter.ActiveStage.FailStage(e);

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) =>
        GraphInterpreter.ActiveStage.InternalOnDownstreamFinish(cause);
}

/// <summary>Ignores elements; completes or fails with upstream.</summary>
public sealed class EagerTerminateInput : InHandler
{
    public static readonly EagerTerminateInput Instance = new();

    private EagerTerminateInput() { }

    public override void OnPush() { }
}

/// <summary>Ignores elements and completion; fails with upstream.</summary>
public sealed class IgnoreTerminateInput : InHandler
{
    public static readonly IgnoreTerminateInput Instance = new();

    private IgnoreTerminateInput() { }

    public override void OnPush() { }

    public override void OnUpstreamFinish() { }
}

/// <summary>Ignores elements; completes with upstream when the predicate holds.</summary>
public sealed class ConditionalTerminateInput(Func<bool> predicate) : InHandler
{
    public override void OnPush() { }

    public override void OnUpstreamFinish()
    {
        if (predicate())
            GraphInterpreter.ActiveStage.CompleteStage();
    }
}

/// <summary>Ignores elements, completion and failure.</summary>
public sealed class TotallyIgnorantInput : InHandler
{
    public static readonly TotallyIgnorantInput Instance = new();

    private TotallyIgnorantInput() { }

    public override void OnPush() { }

    public override void OnUpstreamFinish() { }

    public override void OnUpstreamFailure(Exception e) { }
}

/// <summary>Ignores demand; ends with downstream.</summary>
public sealed class EagerTerminateOutput : OutHandler
{
    public static readonly EagerTerminateOutput Instance = new();

    private EagerTerminateOutput() { }

    public override void OnPull() { }
}

/// <summary>Ignores demand and cancellation.</summary>
public sealed class IgnoreTerminateOutput : OutHandler
{
    public static readonly IgnoreTerminateOutput Instance = new();

    private IgnoreTerminateOutput() { }

    public override void OnPull() { }

    public override void OnDownstreamFinish(Exception cause) { }
}

/// <summary>Ignores demand; ends with downstream when the predicate holds.</summary>
public sealed class ConditionalTerminateOutput(Func<bool> predicate) : OutHandler
{
    public override void OnPull() { }

    public override void OnDownstreamFinish(Exception cause)
    {
        if (predicate())
            GraphInterpreter.ActiveStage.InternalOnDownstreamFinish(cause);
    }
}
