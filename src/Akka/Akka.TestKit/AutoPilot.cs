using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Answers the messages of a test actor, which the test still sees.</summary>
public abstract class AutoPilot
{
    public static NoAutoPilot NoAutoPilot => NoAutoPilot.Instance;

    public static KeepRunning KeepRunning => KeepRunning.Instance;

    /// <summary>Handles a message, and says who handles the next one.</summary>
    public abstract AutoPilot Run(IActorRef sender, object message);
}

/// <summary>Handles a message, and says who handles the next one.</summary>
public delegate AutoPilot AutoPilotDelegate(IActorRef sender, object message);

/// <summary>Handles nothing.</summary>
public sealed class NoAutoPilot : AutoPilot
{
    public static readonly NoAutoPilot Instance = new();

    private NoAutoPilot() { }

    public override AutoPilot Run(IActorRef sender, object message) => this;
}

/// <summary>Returned by an auto pilot that goes on as it is.</summary>
public sealed class KeepRunning : AutoPilot
{
    public static readonly KeepRunning Instance = new();

    private KeepRunning() { }

    /// <exception cref="InvalidOperationException">Always: it is an answer, not a pilot.</exception>
    public override AutoPilot Run(IActorRef sender, object message) =>
        throw new InvalidOperationException($"{nameof(KeepRunning)} handles no messages");
}

/// <summary>An auto pilot made of a delegate.</summary>
public sealed class DelegateAutoPilot(AutoPilotDelegate autoPilotDelegate) : AutoPilot
{
    public override AutoPilot Run(IActorRef sender, object message) => autoPilotDelegate(sender, message);
}
