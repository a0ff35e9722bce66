using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public partial class ActorCell
{
    private IActorRef? _perpetrator;

    private bool IsFailed => _perpetrator is not null;

    /// <summary>Reports a failure to the parent and holds this actor and its children until the parent has decided.</summary>
    private void HandleInvokeFailure(Exception cause, IActorRef? failedChild = null)
    {
        try
        {
            if (IsFailed || _terminated)
                return;
            Mailbox.Suspend();
            _perpetrator = failedChild ?? _self;
            SuspendChildren(except: failedChild);
            Parent.SendSystemMessage(new Failed(_self, cause, _self.Path.Uid));
        }
        catch (Exception inner)
        {
            Log(new Error(inner, LogSource, LogClass, $"Emergency stop: exception in failure handling for {cause}"));
            foreach (var child in GetChildren())
                Stop(child);
            FinishTerminate();
        }
    }

    private void HandleFailed(Failed failed)
    {
        if (_children.Find(failed.Child) is not { } stats || stats.Uid != failed.Uid)
            return;
        // A decider asks who failed; an asynchronous handler that waits meanwhile gets its own sender back.
        var outer = _envelope;
        _envelope = new Envelope(failed, failed.Child);
        try
        {
            var strategy = Strategy();
            if (!strategy.HandleFailure(this, failed.Child, failed.Cause, stats, _children))
                global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed.Cause);
        }
        finally
        {
            _envelope = outer;
        }
    }

    private SupervisorStrategy Strategy() =>
        Props.SupervisorStrategy ?? _actor?.OwnStrategy() ?? SupervisorStrategy.DefaultStrategy;

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            Debug("changing Recreate into Create after {0}", cause.GetType());
            FaultCreate();
            return;
        }
        var failed = _actor;
        var message = _envelope.Message;
        Debug("restarting after {0}", cause.GetType());
        try
        {
            _timers?.CancelAll();
            failed.AroundPreRestart(cause, message);
        }
        catch (Exception inner)
        {
            Log(new Error(inner, LogSource, LogClass, new PreRestartException(_self, inner, cause, message).Message));
        }
        finally
        {
            UnstashAll(failed);
            ClearActor();
        }
        if (_pendingTasks == 0)
            _envelope = default;
        if (!_children.WaitFor(new SuspendReason.Recreation(cause)))
            FinishRecreate(cause, failed);
    }

    private void FinishRecreate(Exception cause, ActorBase failed)
    {
        var survivors = _children.All;
        try
        {
            Mailbox.Resume();
            _perpetrator = null;
            var fresh = NewActor();
            if (ReferenceEquals(fresh, failed))
                throw new ActorInitializationException(_self, "The props gave the failed instance again.");
            fresh.AroundPostRestart(cause, null);
            RearmReceiveTimeout();
            Debug("restarted", null);
            foreach (var survivor in survivors)
                survivor.Child.Restart(cause);
        }
        catch (Exception inner)
        {
            DropHalfMadeActor();
            HandleInvokeFailure(new PostRestartException(_self, inner, cause));
        }
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren(except: null);
    }

    private void FaultResume(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            FaultCreate();
        }
        else
        {
            var perpetrator = _perpetrator;
            Mailbox.Resume();
            if (causedByFailure is not null)
                _perpetrator = null;
            if (_pendingTasks == 0)
                _envelope = default;
            foreach (var child in _children.All)
                child.Child.Resume(child.Child.Equals(perpetrator) ? causedByFailure : null);
        }
    }

    private void FaultCreate()
    {
        foreach (var child in GetChildren())
            Stop(child);
        if (!_children.WaitFor(SuspendReason.Creation.Instance))
            FinishCreate();
    }

    private void FinishCreate()
    {
        Mailbox.Resume();
        _perpetrator = null;
        try
        {
            CreateActor(null);
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
    }

    private void FaultTerminate()
    {
        if (_children.IsTerminating)
            return;
        CancelReceiveTimeout();
        _timers?.CancelAll();
        UnwatchAll();
        _children.Close();
        foreach (var child in GetChildren())
            Stop(child);
        if (_children.WaitFor(SuspendReason.Termination.Instance))
        {
            // Nothing is processed while the children die, and a failure on the way changes nothing.
            Mailbox.Suspend();
            _perpetrator = _self;
            Debug("stopping", null);
        }
        else
        {
            FinishTerminate();
        }
    }

    private void FinishTerminate()
    {
        var actor = _actor;
        try
        {
            if (actor is not null && !_released)
            {
                UnstashAll(actor);
                actor.AroundPostStop();
            }
        }
        catch (Exception cause)
        {
            Log(new Error(cause, LogSource, LogClass, cause.Message));
        }
        finally
        {
            _children.Close();
            _children.Clear();
            Volatile.Write(ref _terminated, true);
            Dispatcher.Detach(this);
            Mailbox.CloseAndCleanUp();
            StopFunctionRefs();
            Parent.SendSystemMessage(
                new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false)
            );
            TellWatchersWeDied();
            UnwatchAll();
            Debug("stopped", null);
            ClearActor();
            _actor = null;
            _envelope = default;
        }
    }

    private void HandleChildTerminated(IActorRef child)
    {
        var reason = _children.Remove(child);
        try
        {
            Strategy().HandleChildTerminated(this, child, _children.Select(stats => stats.Child));
        }
        catch (Exception cause)
        {
            Log(new Error(cause, LogSource, LogClass, "HandleChildTerminated failed"));
            HandleInvokeFailure(cause);
        }
        switch (reason)
        {
            case SuspendReason.Recreation recreation:
                FinishRecreate(recreation.Cause, _actor!);
                break;
            case SuspendReason.Creation:
                FinishCreate();
                break;
            case SuspendReason.Termination:
                FinishTerminate();
                break;
        }
    }

    private void SuspendChildren(IActorRef? except)
    {
        foreach (var child in _children.All)
        {
            if (!child.Child.Equals(except))
                child.Child.Suspend();
        }
    }

    private static void UnstashAll(ActorBase actor)
    {
        if (actor is IActorStash { Stash: { } stash })
            stash.UnstashAll();
    }
}
