using Akka.Dispatch.SysMsg;
using Akka.Event;
using SysMsg = Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public partial class ActorCell
{
    private List<SystemMessage>? _stashedSystemMessages;

    private enum Readiness
    {
        Running,
        Suspended,
        WaitingForChildren,
    }

    private Readiness Readies =>
        _children.IsWaiting ? Readiness.WaitingForChildren
        : Mailbox.IsSuspended ? Readiness.Suspended
        : Readiness.Running;

    /// <summary>Handles one message of the engine, and those that were waiting for what it brought about.</summary>
    internal void SystemInvoke(SystemMessage message)
    {
        var before = Readies;
        if (MustWait(message, before))
        {
            (_stashedSystemMessages ??= []).Add(message);
            return;
        }
        Handle(message);
        if (Readies >= before || _stashedSystemMessages is not { Count: > 0 } waiting)
            return;
        _stashedSystemMessages = null;
        foreach (var next in waiting)
            SystemInvoke(next);
    }

    private static bool MustWait(SystemMessage message, Readiness state) =>
        state switch
        {
            Readiness.Suspended => message is Failed,
            Readiness.WaitingForChildren => message is Failed or Recreate or SysMsg.Suspend or SysMsg.Resume,
            _ => false,
        };

    private void Handle(SystemMessage message)
    {
        try
        {
            switch (message)
            {
                case ActorTask task:
                    task.Execute();
                    break;
                case Failed failed:
                    HandleFailed(failed);
                    break;
                case DeathWatchNotification notification:
                    WatchedActorTerminated(
                        notification.Actor,
                        notification.ExistenceConfirmed,
                        notification.AddressTerminated
                    );
                    break;
                case Create create:
                    CreateActor(create.Failure);
                    break;
                case Watch watch:
                    AddWatcher(watch.Watchee, watch.Watcher);
                    break;
                case Unwatch unwatch:
                    RemoveWatcher(unwatch.Watchee, unwatch.Watcher);
                    break;
                case Recreate recreate:
                    FaultRecreate(recreate.Cause);
                    break;
                case SysMsg.Suspend:
                    FaultSuspend();
                    break;
                case SysMsg.Resume resume:
                    FaultResume(resume.CausedByFailure);
                    break;
                case Terminate:
                    FaultTerminate();
                    break;
                case Supervise supervise:
                    Supervising(supervise.Child);
                    break;
                default:
                    throw new NotSupportedException($"Unknown system message {message.GetType().Name}");
            }
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause, (message as Failed)?.Child);
        }
    }

    private void CreateActor(ActorInitializationException? failure)
    {
        if (failure is not null)
            throw failure;
        try
        {
            var actor = NewActor();
            actor.AroundPreStart();
            RearmReceiveTimeout();
            Debug("started ({0})", actor);
        }
        catch (Exception cause)
        {
            DropHalfMadeActor();
            throw Initialization(cause);
        }
    }

    private ActorInitializationException Initialization(Exception cause) =>
        cause as ActorInitializationException
        ?? new ActorInitializationException(_self, $"Exception during creation of {Props.Type}", cause);

    private void DropHalfMadeActor()
    {
        if (_actor is null)
            return;
        ClearActor();
        _actor = null;
    }

    private void Supervising(IActorRef child)
    {
        if (!_children.IsTerminating)
            Debug("now supervising {0}", child);
    }

    private void Debug(string format, object? argument)
    {
        if (SystemImpl.Settings.DebugLifecycle)
            Log(
                new Debug(
                    LogSource,
                    LogClass,
                    string.Format(global::System.Globalization.CultureInfo.InvariantCulture, format, argument)
                )
            );
    }
}
