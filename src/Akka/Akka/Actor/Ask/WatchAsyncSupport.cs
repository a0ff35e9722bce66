using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>Waiting for an actor's end outside actors.</summary>
public static class WatchAsyncSupport
{
    /// <summary>True once <paramref name="target"/> has ended; false when <paramref name="token"/> is cancelled before.</summary>
    public static async Task<bool> WatchAsync(this IActorRef target, CancellationToken token = default)
    {
        var internalTarget = (IInternalActorRef)target;
        var result = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = new FutureActorRef<object>(result, internalTarget.Provider);
        internalTarget.SendSystemMessage(new Watch(internalTarget, watcher));
        try
        {
            return await result.Task.WaitAsync(token).ConfigureAwait(false) is Terminated end
                && end.ActorRef.Equals(target);
        }
        catch (OperationCanceledException)
        {
            internalTarget.SendSystemMessage(new Unwatch(internalTarget, watcher));
            return false;
        }
        finally
        {
            watcher.Finish();
        }
    }
}
