using System.Runtime.CompilerServices;

namespace Hatchery.Streaming.Transport;

/// <summary>Something that a connection waits for; when it has ended, it is finished on the connection's own thread.</summary>
internal abstract class PendingWork
{
    public abstract void Finish();
}

/// <summary>A disk's or gate's answer that did not come at once; reusable, so that a busy connection allocates none.</summary>
internal abstract class PendingWork<T> : PendingWork
{
    private readonly ConnectionEngine _engine;
    private readonly Action _ended;
    private ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _awaiter;

    protected PendingWork(ConnectionEngine engine)
    {
        _engine = engine;
        _ended = () => _engine.Post(this);
    }

    /// <summary>The one place that starts to wait for an answer.</summary>
    public void Watch(ValueTask<T> answer)
    {
        _engine.WorkStarted();
        _awaiter = answer.ConfigureAwait(false).GetAwaiter();
        _awaiter.UnsafeOnCompleted(_ended);
    }

    /// <summary>Takes the answer where it has come, and waits for it where not.</summary>
    public void Settle(ValueTask<T> answer)
    {
        if (answer.IsCompletedSuccessfully)
            OnEnded(answer.Result);
        else
            Watch(answer);
    }

    public override void Finish()
    {
        _engine.WorkEnded();
        T result;
        try
        {
            result = _awaiter.GetResult();
        }
        // A store's exception is this request's failure, not the connection's.
        catch (Exception failure)
        {
            result = OnFailure(failure);
        }
        OnEnded(result);
    }

    protected abstract T OnFailure(Exception failure);

    protected abstract void OnEnded(T result);
}
