namespace Akka.Event;

/// <summary>Shorter forms of writing to the log.</summary>
public static class LoggingExtensions
{
    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug(this ILoggingAdapter log, string format) => log.Log(LogLevel.DebugLevel, null, format);

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug(this ILoggingAdapter log, string format, params object?[] args) =>
        log.Log(LogLevel.DebugLevel, null, format, args);

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, null, format, [arg1]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug(this ILoggingAdapter log, Exception? cause, string format) =>
        log.Log(LogLevel.DebugLevel, cause, format);

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug(this ILoggingAdapter log, Exception? cause, string format, params object?[] args) =>
        log.Log(LogLevel.DebugLevel, cause, format, args);

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, cause, format, [arg1]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2, T3>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3
    )
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line for those who look for a fault.</summary>
    public static void Debug<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info(this ILoggingAdapter log, string format) => log.Log(LogLevel.InfoLevel, null, format);

    /// <summary>Writes a line for everybody.</summary>
    public static void Info(this ILoggingAdapter log, string format, params object?[] args) =>
        log.Log(LogLevel.InfoLevel, null, format, args);

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, null, format, [arg1]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info(this ILoggingAdapter log, Exception? cause, string format) =>
        log.Log(LogLevel.InfoLevel, cause, format);

    /// <summary>Writes a line for everybody.</summary>
    public static void Info(this ILoggingAdapter log, Exception? cause, string format, params object?[] args) =>
        log.Log(LogLevel.InfoLevel, cause, format, args);

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, cause, format, [arg1]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2, T3>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3
    )
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line for everybody.</summary>
    public static void Info<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning(this ILoggingAdapter log, string format) => log.Log(LogLevel.WarningLevel, null, format);

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning(this ILoggingAdapter log, string format, params object?[] args) =>
        log.Log(LogLevel.WarningLevel, null, format, args);

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, null, format, [arg1]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning(this ILoggingAdapter log, Exception? cause, string format) =>
        log.Log(LogLevel.WarningLevel, cause, format);

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning(this ILoggingAdapter log, Exception? cause, string format, params object?[] args) =>
        log.Log(LogLevel.WarningLevel, cause, format, args);

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, cause, format, [arg1]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2, T3>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3
    )
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line that may need somebody.</summary>
    public static void Warning<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error(this ILoggingAdapter log, string format) => log.Log(LogLevel.ErrorLevel, null, format);

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error(this ILoggingAdapter log, string format, params object?[] args) =>
        log.Log(LogLevel.ErrorLevel, null, format, args);

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, null, format, [arg1]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error(this ILoggingAdapter log, Exception? cause, string format) =>
        log.Log(LogLevel.ErrorLevel, cause, format);

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error(this ILoggingAdapter log, Exception? cause, string format, params object?[] args) =>
        log.Log(LogLevel.ErrorLevel, cause, format, args);

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2, T3>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3
    )
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2, arg3]);
    }

    /// <summary>Writes a line that needs somebody.</summary>
    public static void Error<T1, T2, T3, T4>(
        this ILoggingAdapter log,
        Exception? cause,
        string format,
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4
    )
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2, arg3, arg4]);
    }

    /// <summary>Writes a line.</summary>
    public static void Log(this ILoggingAdapter log, LogLevel level, string format) => log.Log(level, null, format);

    /// <summary>Writes a line.</summary>
    public static void Log(this ILoggingAdapter log, LogLevel level, string format, params object?[] args) =>
        log.Log(level, null, format, args);

    /// <summary>Writes a line.</summary>
    public static void Log(
        this ILoggingAdapter log,
        LogLevel level,
        Exception? cause,
        string format,
        params object?[] args
    )
    {
        if (log.IsEnabled(level))
            log.Log(level, cause, new TemplateMessage(log.Formatter, format, args));
    }
}
