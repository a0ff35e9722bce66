namespace Akka.Event;

/// <summary>Writes to the log; does not wait for it.</summary>
public interface ILoggingAdapter
{
    /// <summary>Turns templates into text.</summary>
    ILogMessageFormatter Formatter { get; }

    /// <summary>True when lines for debugging are kept.</summary>
    bool IsDebugEnabled { get; }

    /// <summary>True when lines for everybody are kept.</summary>
    bool IsInfoEnabled { get; }

    /// <summary>True when warnings are kept.</summary>
    bool IsWarningEnabled { get; }

    /// <summary>True when errors are kept.</summary>
    bool IsErrorEnabled { get; }

    /// <summary>True when lines of that level are kept.</summary>
    bool IsEnabled(LogLevel logLevel);

    /// <summary>Writes a template.</summary>
    void Log(LogLevel logLevel, Exception? cause, LogMessage message);

    /// <summary>Writes text.</summary>
    void Log(LogLevel logLevel, Exception? cause, string format);
}

/// <summary>The base of adapters.</summary>
public abstract class LoggingAdapterBase : ILoggingAdapter
{
    /// <summary>Takes the formatter.</summary>
    protected LoggingAdapterBase(ILogMessageFormatter logMessageFormatter) => Formatter = logMessageFormatter;

    /// <inheritdoc/>
    public ILogMessageFormatter Formatter { get; }

    /// <inheritdoc/>
    public abstract bool IsDebugEnabled { get; }

    /// <inheritdoc/>
    public abstract bool IsInfoEnabled { get; }

    /// <inheritdoc/>
    public abstract bool IsWarningEnabled { get; }

    /// <inheritdoc/>
    public abstract bool IsErrorEnabled { get; }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) =>
        logLevel switch
        {
            LogLevel.DebugLevel => IsDebugEnabled,
            LogLevel.InfoLevel => IsInfoEnabled,
            LogLevel.WarningLevel => IsWarningEnabled,
            LogLevel.ErrorLevel => IsErrorEnabled,
            _ => throw new NotSupportedException($"Unknown LogLevel {logLevel}"),
        };

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, LogMessage message)
    {
        if (IsEnabled(logLevel))
            NotifyLog(logLevel, message, cause);
    }

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, string format)
    {
        if (IsEnabled(logLevel))
            NotifyLog(logLevel, format, cause);
    }

    /// <summary>Hands a line on.</summary>
    protected abstract void NotifyLog(LogLevel logLevel, object message, Exception? cause = null);
}

/// <summary>Writes to the bus.</summary>
public sealed class BusLogging : LoggingAdapterBase
{
    /// <summary>Writes to <paramref name="bus"/> as <paramref name="logSource"/>.</summary>
    public BusLogging(LoggingBus bus, string logSource, Type logClass, ILogMessageFormatter logMessageFormatter)
        : base(logMessageFormatter)
    {
        Bus = bus;
        LogSource = logSource;
        LogClass = logClass;
    }

    /// <summary>The bus.</summary>
    public LoggingBus Bus { get; }

    /// <summary>Who writes.</summary>
    public string LogSource { get; }

    /// <summary>The class of who.</summary>
    public Type LogClass { get; }

    /// <inheritdoc/>
    public override bool IsDebugEnabled => Bus.LogLevel <= LogLevel.DebugLevel;

    /// <inheritdoc/>
    public override bool IsInfoEnabled => Bus.LogLevel <= LogLevel.InfoLevel;

    /// <inheritdoc/>
    public override bool IsWarningEnabled => Bus.LogLevel <= LogLevel.WarningLevel;

    /// <inheritdoc/>
    public override bool IsErrorEnabled => Bus.LogLevel <= LogLevel.ErrorLevel;

    /// <inheritdoc/>
    protected override void NotifyLog(LogLevel logLevel, object message, Exception? cause = null) =>
        Bus.Publish(
            logLevel switch
            {
                LogLevel.DebugLevel => new Debug(cause, LogSource, LogClass, message),
                LogLevel.InfoLevel => new Info(cause, LogSource, LogClass, message),
                LogLevel.WarningLevel => new Warning(cause, LogSource, LogClass, message),
                _ => new Error(cause, LogSource, LogClass, message),
            }
        );
}

/// <summary>Writes nothing.</summary>
public sealed class NoLogger : ILoggingAdapter
{
    /// <summary>The one value.</summary>
    public static readonly ILoggingAdapter Instance = new NoLogger();

    private NoLogger() { }

    /// <inheritdoc/>
    public ILogMessageFormatter Formatter => DefaultLogMessageFormatter.Instance;

    /// <inheritdoc/>
    public bool IsDebugEnabled => false;

    /// <inheritdoc/>
    public bool IsInfoEnabled => false;

    /// <inheritdoc/>
    public bool IsWarningEnabled => false;

    /// <inheritdoc/>
    public bool IsErrorEnabled => false;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => false;

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, LogMessage message) { }

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, string format) { }
}
