using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Event;

/// <summary>A logger that is no actor, for the time before and after the system's loggers.</summary>
public abstract class MinimalLogger : MinimalActorRef
{
    private static readonly ActorPath LoggerPath = new RootActorPath(Address.AllSystems, "/MinimalLogger");

    /// <inheritdoc/>
    public sealed override ActorPath Path => LoggerPath;

    /// <inheritdoc/>
    public sealed override IActorRefProvider Provider =>
        throw new NotSupportedException("This logger does not provide.");

    /// <inheritdoc/>
    protected sealed override void TellInternal(object message, IActorRef sender) => Log(message);

    /// <summary>Writes one line.</summary>
    protected abstract void Log(object message);
}

/// <summary>Writes to standard output.</summary>
public class StandardOutLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message) => Print(message);

    internal static void Print(object message) => Console.Out.WriteLine(message);
}

/// <summary>The logger of <c>akka.loggers</c> unless told otherwise: standard output.</summary>
public class DefaultLogger : ActorBase
{
    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized(), Self);
                return true;
            case LogEvent logEvent:
                Print(logEvent);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes one line.</summary>
    protected virtual void Print(LogEvent logEvent) => StandardOutLogger.Print(logEvent);
}

/// <summary>Writes dead letters to the log, as <c>akka.log-dead-letters</c> says.</summary>
public class DeadLetterListener : ActorBase
{
    private readonly EventStream _eventStream = Context.System.EventStream;
    private readonly int _most = Context.System.Settings.LogDeadLetters;
    private int _count;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _eventStream.Subscribe(Self, typeof(DeadLetter));
        _eventStream.Subscribe(Self, typeof(Dropped));
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason) { }

    /// <inheritdoc/>
    protected override void PostStop() => _eventStream.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter)
            return false;
        _count++;
        var done = _count >= _most;
        var end = done ? ", no more dead letters will be logged" : "";
        var why = letter is Dropped dropped ? $"was dropped: {dropped.Reason}" : "was not delivered";
        _eventStream.Publish(
            new Info(
                letter.Recipient.Path.ToString(),
                letter.Recipient.GetType(),
                $"Message [{letter.Message.GetType().Name}] from {letter.Sender} to {letter.Recipient} {why}. [{_count}] dead letters encountered{end}. "
                    + "This logging can be turned off or adjusted with configuration settings 'akka.log-dead-letters' and 'akka.log-dead-letters-during-shutdown'."
            )
        );
        if (done)
            Context.Stop(Self);
        return true;
    }
}
