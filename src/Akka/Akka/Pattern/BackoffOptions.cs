using Akka.Actor;

namespace Akka.Pattern;

/// <summary>When the count of restarts begins anew.</summary>
public interface IBackoffReset;

internal sealed record ManualReset : IBackoffReset;

internal sealed record AutoReset(TimeSpan ResetBackoff) : IBackoffReset;

/// <summary>Says how a child is started again.</summary>
public static class Backoff
{
    /// <summary>Starts the child again, after a wait, when it has failed.</summary>
    public static BackoffOptions OnFailure(
        Props childProps,
        string childName,
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor
    ) => OnFailure(childProps, childName, minBackoff, maxBackoff, randomFactor, -1);

    /// <summary>Starts the child again, after a wait, when it has failed; at most so often, where the number is not negative.</summary>
    public static BackoffOptions OnFailure(
        Props childProps,
        string childName,
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor,
        int maxNrOfRetries
    ) =>
        new BackoffPlan(
            new(OnStop: false, childProps, childName, minBackoff, maxBackoff, randomFactor)
        ).WithMaxNrOfRetries(maxNrOfRetries);

    /// <summary>Starts the child again, after a wait, when it has stopped.</summary>
    public static BackoffOptions OnStop(
        Props childProps,
        string childName,
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor
    ) => OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor, -1);

    /// <summary>Starts the child again, after a wait, when it has stopped; at most so often, where the number is not negative.</summary>
    public static BackoffOptions OnStop(
        Props childProps,
        string childName,
        TimeSpan minBackoff,
        TimeSpan maxBackoff,
        double randomFactor,
        int maxNrOfRetries
    ) =>
        new BackoffPlan(
            new(OnStop: true, childProps, childName, minBackoff, maxBackoff, randomFactor)
        ).WithMaxNrOfRetries(maxNrOfRetries);
}

/// <summary>How a child is started again.</summary>
public abstract class BackoffOptions
{
    private protected BackoffOptions() { }

    internal abstract Props Props { get; }

    /// <summary>Begins the count anew when the child has run for so long.</summary>
    public abstract BackoffOptions WithAutoReset(TimeSpan resetBackoff);

    /// <summary>Begins the count anew when it is told to.</summary>
    public abstract BackoffOptions WithManualReset();

    /// <summary>Supervises the child by a strategy.</summary>
    public abstract BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy);

    /// <summary>Stops the child when it fails, which with <c>OnStop</c> starts it again after a wait.</summary>
    public abstract BackoffOptions WithDefaultStoppingStrategy();

    /// <summary>Answers messages that come while the child is stopped.</summary>
    public abstract BackoffOptions WithReplyWhileStopped(object replyWhileStopped);

    /// <summary>Lets the supervisor stop with its child after such a message.</summary>
    public abstract BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage);

    /// <summary>Starts the child again at most so often; negative without a limit.</summary>
    public abstract BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries);
}

internal sealed class BackoffPlan(BackoffPlan.Values values) : BackoffOptions
{
    public Values Plan { get; } = values;

    internal override Props Props
    {
        get
        {
            if (Plan.MinBackoff <= TimeSpan.Zero)
                throw new ArgumentException("minBackoff must be greater than 0");
            if (Plan.MaxBackoff < Plan.MinBackoff)
                throw new ArgumentException("maxBackoff must be greater than minBackoff");
            if (Plan.RandomFactor is < 0.0 or > 1.0)
                throw new ArgumentException("randomFactor must be between 0.0 and 1.0");
            return Props.Create(Plan.OnStop ? typeof(BackoffSupervisor) : typeof(BackoffOnFailureSupervisor), Plan);
        }
    }

    public override BackoffOptions WithAutoReset(TimeSpan resetBackoff) =>
        new BackoffPlan(Plan with { Reset = new AutoReset(resetBackoff) });

    public override BackoffOptions WithManualReset() => new BackoffPlan(Plan with { Reset = new ManualReset() });

    public override BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy) =>
        new BackoffPlan(Plan with { Strategy = supervisorStrategy });

    public override BackoffOptions WithDefaultStoppingStrategy() =>
        WithSupervisorStrategy(
            SupervisorStrategy.StoppingStrategy.WithMaxNrOfRetries(Plan.Strategy.MaxNumberOfRetries)
        );

    public override BackoffOptions WithReplyWhileStopped(object replyWhileStopped) =>
        new BackoffPlan(Plan with { ReplyWhileStopped = replyWhileStopped });

    public override BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) =>
        new BackoffPlan(Plan with { FinalStopMessage = isFinalStopMessage });

    public override BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) =>
        WithSupervisorStrategy(Plan.Strategy.WithMaxNrOfRetries(maxNrOfRetries));

    public sealed record Values(
        bool OnStop,
        Props ChildProps,
        string ChildName,
        TimeSpan MinBackoff,
        TimeSpan MaxBackoff,
        double RandomFactor
    )
    {
        public IBackoffReset Reset { get; init; } = new AutoReset(MinBackoff);

        public OneForOneStrategy Strategy { get; init; } = new(SupervisorStrategy.DefaultDecider);

        public object? ReplyWhileStopped { get; init; }

        public Func<object, bool>? FinalStopMessage { get; init; }
    }
}
