using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Stands above the root: hears of its end and of failures that nobody else dealt with.</summary>
internal sealed class RootGuardianSupervisor(
    ActorPath root,
    IActorRefProvider provider,
    TaskCompletionSource terminated,
    ActorSystemImpl system
) : MinimalActorRef
{
    public override ActorPath Path { get; } = root / "_Root-guardian-supervisor";

    public override IActorRefProvider Provider { get; } = provider;

    public override bool IsTerminated => terminated.Task.IsCompleted;

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Failed failed:
                system.Log.Error(failed.Cause, "guardian failed, shutting down!");
                ((IInternalActorRef)failed.Child).Stop();
                break;
            case DeathWatchNotification:
                // Not on the thread that is to be given back by what follows.
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        system.ShutDown();
                        terminated.TrySetResult();
                    },
                    null
                );
                break;
        }
    }

    public override void Stop() { }
}

/// <summary>The root: when the guardian of the application has stopped, the engine's own follows, and then the root.</summary>
internal sealed class RootGuardian : ActorBase
{
    private IActorRef? _user;
    private IActorRef? _systemGuardian;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause => Directive.Stop);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case WatchBoth both:
                _user = both.User;
                _systemGuardian = both.SystemGuardian;
                Context.Watch(_user);
                Context.Watch(_systemGuardian);
                return true;
            case Terminated terminated when terminated.ActorRef.Equals(_user):
                _systemGuardian!.Tell(SystemGuardianActor.UserGuardianTerminated.Instance, Self);
                return true;
            case Terminated terminated when terminated.ActorRef.Equals(_systemGuardian):
                Context.Stop(Self);
                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            default:
                return false;
        }
    }

    protected override void PreRestart(Exception reason, object? message) { }

    public sealed record WatchBoth(IActorRef User, IActorRef SystemGuardian);
}

/// <summary>The parent of all actors of the application.</summary>
internal sealed class GuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    protected override void PreStart() { }

    protected override void PreRestart(Exception reason, object? message) { }
}

/// <summary>The parent of the engine's own actors; it goes when the application's guardian and all hooks are done.</summary>
internal sealed class SystemGuardianActor : ActorBase
{
    private readonly HashSet<IActorRef> _hooks = [];
    private bool _terminating;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case UserGuardianTerminated:
                _terminating = true;
                foreach (var hook in _hooks)
                    hook.Tell(TerminationHook.Instance, Self);
                StopWhenAllDone();
                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            case RegisterTerminationHook:
                if (!_terminating && !Sender.Equals(Context.System.DeadLetters))
                {
                    _hooks.Add(Sender);
                    Context.Watch(Sender);
                }
                return true;
            case TerminationHookDone:
                _hooks.Remove(Sender);
                StopWhenAllDone();
                return true;
            case Terminated terminated:
                _hooks.Remove(terminated.ActorRef);
                StopWhenAllDone();
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    protected override void PreRestart(Exception reason, object? message) { }

    private void StopWhenAllDone()
    {
        if (_terminating && _hooks.Count == 0)
            Context.Stop(Self);
    }

    public sealed class UserGuardianTerminated
    {
        public static readonly UserGuardianTerminated Instance = new();
    }
}
