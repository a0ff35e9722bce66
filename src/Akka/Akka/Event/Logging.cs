using Akka.Actor;

namespace Akka.Event;

/// <summary>Where a line comes from.</summary>
public readonly struct LogSource
{
    private LogSource(string source, Type type)
    {
        Source = source;
        Type = type;
    }

    /// <summary>A path or a name.</summary>
    public string Source { get; }

    /// <summary>A class.</summary>
    public Type Type { get; }

    /// <summary>What <paramref name="o"/> is called.</summary>
    public static LogSource Create(object o) =>
        o switch
        {
            IActorContext context => new LogSource(
                context.Self.Path.ToString(),
                (context as ActorCell)?.Actor?.GetType() ?? context.Props.Type
            ),
            IActorRef reference => new LogSource(reference.Path.ToString(), typeof(IActorRef)),
            string name => new LogSource(name, typeof(DummyClassForStringSources)),
            Type type => new LogSource(Logging.SimpleName(type), type),
            _ => new LogSource(Logging.SimpleName(o), o.GetType()),
        };

    /// <summary>What <paramref name="o"/> is called in <paramref name="system"/>.</summary>
    public static LogSource Create(object o, ActorSystem system)
    {
        var source = Create(o);
        return o is IActorContext or IActorRef ? source : new LogSource($"{source.Source} ({system})", source.Type);
    }
}

/// <summary>The class of sources that are names.</summary>
public class DummyClassForStringSources;

/// <summary>Makes logs and names levels.</summary>
public static class Logging
{
    /// <summary>The log of an actor.</summary>
    public static ILoggingAdapter GetLogger(
        this IActorContext context,
        ILogMessageFormatter? logMessageFormatter = null
    ) => GetLogger(context.System.EventStream, context, logMessageFormatter ?? context.System.Settings.LogFormatter);

    /// <summary>The log of something outside actors.</summary>
    public static ILoggingAdapter GetLogger(
        ActorSystem system,
        object logSourceObj,
        ILogMessageFormatter? logMessageFormatter = null
    )
    {
        var source = LogSource.Create(logSourceObj, system);
        return new BusLogging(
            system.EventStream,
            source.Source,
            source.Type,
            logMessageFormatter ?? system.Settings.LogFormatter
        );
    }

    /// <summary>The log of something on a bus.</summary>
    public static ILoggingAdapter GetLogger(
        LoggingBus loggingBus,
        object logSourceObj,
        ILogMessageFormatter? logMessageFormatter = null
    )
    {
        var source = LogSource.Create(logSourceObj);
        return new BusLogging(
            loggingBus,
            source.Source,
            source.Type,
            logMessageFormatter ?? DefaultLogMessageFormatter.Instance
        );
    }

    /// <summary>The level of a name: DEBUG, INFO, WARNING (or WARN), ERROR, OFF.</summary>
    public static LogLevel LogLevelFor(string logLevel) =>
        logLevel.ToUpperInvariant() switch
        {
            "DEBUG" => LogLevel.DebugLevel,
            "INFO" => LogLevel.InfoLevel,
            "WARN" or "WARNING" => LogLevel.WarningLevel,
            "ERROR" => LogLevel.ErrorLevel,
            "OFF" => OffLevel,
            _ => throw new ArgumentException($"Unknown LogLevel: \"{logLevel}\"", nameof(logLevel)),
        };

    /// <summary>The class of events of a level.</summary>
    public static Type ClassFor(this LogLevel logLevel) =>
        logLevel switch
        {
            LogLevel.DebugLevel => typeof(Debug),
            LogLevel.InfoLevel => typeof(Info),
            LogLevel.WarningLevel => typeof(Warning),
            LogLevel.ErrorLevel => typeof(Error),
            _ => throw new ArgumentException($"Unknown LogLevel: {logLevel}", nameof(logLevel)),
        };

    /// <summary>The name of a level.</summary>
    public static string StringFor(this LogLevel logLevel) =>
        logLevel switch
        {
            LogLevel.DebugLevel => "DEBUG",
            LogLevel.InfoLevel => "INFO",
            LogLevel.WarningLevel => "WARNING",
            LogLevel.ErrorLevel => "ERROR",
            _ => "OFF",
        };

    /// <summary>The name of an object's class.</summary>
    public static string SimpleName(object o) => SimpleName(o.GetType());

    /// <summary>The name of a class.</summary>
    public static string SimpleName(Type t) => t.Name;

    internal static readonly LogLevel OffLevel = (LogLevel)int.MaxValue;
}
