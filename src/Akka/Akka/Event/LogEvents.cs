using System.Globalization;
using Akka.Actor;

namespace Akka.Event;

/// <summary>How grave a line of the log is.</summary>
public enum LogLevel
{
    /// <summary>For those who look for a fault.</summary>
    DebugLevel,

    /// <summary>For everybody.</summary>
    InfoLevel,

    /// <summary>May need somebody.</summary>
    WarningLevel,

    /// <summary>Needs somebody.</summary>
    ErrorLevel,
}

/// <summary>A line of the log on the event stream.</summary>
public abstract class LogEvent : INoSerializationVerificationNeeded
{
    /// <summary>Notes time and thread.</summary>
    protected LogEvent()
    {
        Timestamp = TimeProvider.System.GetUtcNow().UtcDateTime;
        Thread = Thread.CurrentThread;
    }

    /// <summary>The exception, if there is one.</summary>
    public Exception? Cause { get; protected set; }

    /// <summary>When, in UTC.</summary>
    public DateTime Timestamp { get; private set; }

    /// <summary>On which thread.</summary>
    public Thread Thread { get; private set; }

    /// <summary>Who: a path or a name.</summary>
    public string LogSource { get; protected set; } = "";

    /// <summary>The class of who.</summary>
    public Type LogClass { get; protected set; } = typeof(object);

    /// <summary>What.</summary>
    public object Message { get; protected set; } = "";

    /// <summary>How grave.</summary>
    public abstract LogLevel LogLevel();

    private protected void Set(Exception? cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{LogLevel().ToString().Replace("Level", "", StringComparison.Ordinal).ToUpperInvariant()}][{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ}][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}"
        );
        return Cause is null ? line : line + Environment.NewLine + "Cause: " + Cause;
    }
}

/// <summary>A line that needs somebody.</summary>
public class Error : LogEvent
{
    /// <summary>Makes the line.</summary>
    public Error(Exception? cause, string logSource, Type logClass, object message) =>
        Set(cause, logSource, logClass, message);

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}

/// <summary>A line that may need somebody.</summary>
public class Warning : LogEvent
{
    /// <summary>Makes the line.</summary>
    public Warning(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message) { }

    /// <summary>Makes the line.</summary>
    public Warning(Exception? cause, string logSource, Type logClass, object message) =>
        Set(cause, logSource, logClass, message);

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

/// <summary>A line for everybody.</summary>
public class Info : LogEvent
{
    /// <summary>Makes the line.</summary>
    public Info(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message) { }

    /// <summary>Makes the line.</summary>
    public Info(Exception? cause, string logSource, Type logClass, object message) =>
        Set(cause, logSource, logClass, message);

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

/// <summary>A line for those who look for a fault.</summary>
public class Debug : LogEvent
{
    /// <summary>Makes the line.</summary>
    public Debug(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message) { }

    /// <summary>Makes the line.</summary>
    public Debug(Exception? cause, string logSource, Type logClass, object message) =>
        Set(cause, logSource, logClass, message);

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>Tells a logger which bus to subscribe to; it answers <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger(LoggingBus loggingBus) : INoSerializationVerificationNeeded
{
    /// <summary>The bus.</summary>
    public LoggingBus LoggingBus { get; } = loggingBus;
}

/// <summary>A logger is ready.</summary>
public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression;
