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
