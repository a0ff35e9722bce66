using Akka.Actor;

namespace Akka.Pattern;

/// <summary>The base of supervisors that start one child again after waits that double each time.</summary>
public abstract class BackoffSupervisorBase : ActorBase
{
    private readonly BackoffPlan.Values _plan;
    private readonly Random _random = new();

    private protected BackoffSupervisorBase(BackoffPlan.Values plan) => _plan = plan;

    /// <summary>How the child is made.</summary>
    protected Props ChildProps => _plan.ChildProps;

    /// <summary>The name of the child.</summary>
    protected string ChildName => _plan.ChildName;

    /// <summary>The answer while the child is stopped.</summary>
    protected object? ReplyWhileStopped => _plan.ReplyWhileStopped;

    /// <summary>Tells the message after which the supervisor stops with the child.</summary>
    protected Func<object, bool>? FinalStopMessage => _plan.FinalStopMessage;

    /// <summary>The child; null while it is stopped.</summary>
    protected IActorRef? Child { get; set; }

    /// <summary>How often the child was started again.</summary>
    protected int RestartCountN { get; set; }

    /// <summary>True after such a message.</summary>
    protected bool FinalStopMessageReceived { get; set; }

    private protected BackoffPlan.Values Plan => _plan;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        StartChildActor();
        base.PreStart();
    }

    /// <summary>Handles what all such supervisors handle; everything else goes to the child.</summary>
    protected bool HandleBackoff(object message)
    {
        switch (message)
        {
            case BackoffSupervisor.StartChild:
                StartChildActor();
                if (_plan.Reset is AutoReset auto)
                    Context.System.Scheduler.ScheduleTellOnce(
                        auto.ResetBackoff,
                        Self,
                        new BackoffSupervisor.ResetRestartCount(RestartCountN),
                        Self
                    );
                return true;
            case BackoffSupervisor.Reset:
                if (_plan.Reset is ManualReset)
                    RestartCountN = 0;
                else
                    Unhandled(message);
                return true;
            case BackoffSupervisor.ResetRestartCount count:
                if (count.Current == RestartCountN)
                    RestartCountN = 0;
                return true;
            case BackoffSupervisor.GetRestartCount:
                Sender.Tell(new BackoffSupervisor.RestartCount(RestartCountN), Self);
                return true;
            case BackoffSupervisor.GetCurrentChild:
                Sender.Tell(new BackoffSupervisor.CurrentChild(Child ?? ActorRefs.Nobody), Self);
                return true;
            default:
                Pass(message);
                return true;
        }
    }

    private protected void StartLater()
    {
        Context.System.Scheduler.ScheduleTellOnce(NextDelay(), Self, BackoffSupervisor.StartChild.Instance, Self);
        RestartCountN++;
    }

    private protected bool MayStartAgain =>
        _plan.Strategy.MaxNumberOfRetries < 0 || RestartCountN < _plan.Strategy.MaxNumberOfRetries;

    private TimeSpan NextDelay()
    {
        var doubled = _plan.MinBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(RestartCountN, 30));
        var spread = 1.0 + (_random.NextDouble() * _plan.RandomFactor);
        return TimeSpan.FromMilliseconds(Math.Min(_plan.MaxBackoff.TotalMilliseconds, doubled * spread));
    }

    private void StartChildActor() => Child ??= Context.Watch(Context.ActorOf(ChildProps, ChildName));

    private void Pass(object message)
    {
        var final = FinalStopMessage?.Invoke(message) == true;
        if (Child is null)
        {
            if (final)
                Context.Stop(Self);
            else if (ReplyWhileStopped is not null)
                Sender.Tell(ReplyWhileStopped, Self);
            else
                Context.System.DeadLetters.Forward(message);
        }
        else if (Child.Equals(Sender))
        {
            // What the child says, it says to the parent of its supervisor.
            Context.Parent.Forward(message);
        }
        else
        {
            FinalStopMessageReceived |= final;
            Child.Forward(message);
        }
    }
}

/// <summary>Starts its child again when the child has stopped.</summary>
public sealed partial class BackoffSupervisor : BackoffSupervisorBase
{
    internal BackoffSupervisor(BackoffPlan.Values plan)
        : base(plan) { }

    /// <summary>A supervisor as <paramref name="options"/> say.</summary>
    public static Props Props(BackoffOptions options) => options.Props;

    /// <summary>A supervisor that starts the child again when it has stopped.</summary>
    public static Props Props(
        Props childProps,
        string childName,
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor
    ) => Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor).Props;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Plan.Strategy;

    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child))
            return HandleBackoff(message);
        Child = null;
        if (FinalStopMessageReceived || !MayStartAgain)
            Context.Stop(Self);
        else
            StartLater();
        return true;
    }
}

/// <summary>Starts its child again when the child has failed; stops when the child stopped by itself.</summary>
internal sealed class BackoffOnFailureSupervisor : BackoffSupervisorBase
{
    private bool _failed;

    public BackoffOnFailureSupervisor(BackoffPlan.Values plan)
        : base(plan) { }

    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(cause =>
        {
            var directive = Plan.Strategy.Decider.Decide(cause);
            if (directive != Directive.Restart)
                return directive;
            _failed = MayStartAgain;
            return Directive.Stop;
        });

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child))
            return HandleBackoff(message);
        Child = null;
        if (_failed && !FinalStopMessageReceived)
            StartLater();
        else
            Context.Stop(Self);
        _failed = false;
        return true;
    }
}
