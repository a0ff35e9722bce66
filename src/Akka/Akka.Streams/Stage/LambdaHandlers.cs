namespace Akka.Streams.Stage;

/// <summary>An inlet's handler made of delegates; absent ones react in the default way.</summary>
internal sealed class LambdaInHandler(Action onPush, Action? onUpstreamFinish, Action<Exception>? onUpstreamFailure)
    : InHandler
{
    public override void OnPush() => onPush();

    public override void OnUpstreamFinish()
    {
        if (onUpstreamFinish is null)
            base.OnUpstreamFinish();
        else
            onUpstreamFinish();
    }

    public override void OnUpstreamFailure(Exception e)
    {
        if (onUpstreamFailure is null)
            base.OnUpstreamFailure(e);
        else
            onUpstreamFailure(e);
    }
}

/// <summary>An outlet's handler made of delegates; an absent one reacts in the default way.</summary>
internal sealed class LambdaOutHandler(Action onPull, Action<Exception>? onDownstreamFinish) : OutHandler
{
    public override void OnPull() => onPull();

    public override void OnDownstreamFinish(Exception cause)
    {
        if (onDownstreamFinish is null)
            base.OnDownstreamFinish(cause);
        else
            onDownstreamFinish(cause);
    }
}
