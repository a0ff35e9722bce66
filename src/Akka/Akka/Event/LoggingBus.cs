using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Event;

/// <summary>The bus that lines of the log go over, with the loggers that write them.</summary>
public abstract class LoggingBus : ActorEventBus<object, Type>
{
    private static readonly LogLevel[] AllLevels = Enum.GetValues<LogLevel>();

    private readonly List<IActorRef> _loggers = [];
    private StandardOutLogger? _stdout;

    /// <summary>Lines below it are not kept.</summary>
    public LogLevel LogLevel { get; private set; }

    /// <summary>Sets the level, also for the loggers that run.</summary>
    public void SetLogLevel(LogLevel logLevel)
    {
        LogLevel = logLevel;
        lock (_loggers)
        {
            foreach (var logger in _loggers)
                SubscribeFrom(logLevel, logger);
        }
    }

    /// <summary>Writes to standard output until the system's loggers run.</summary>
    public void StartStdoutLogger(Settings config)
    {
        _stdout = new StandardOutLogger();
        LogLevel = Logging.LogLevelFor(config.StdoutLogLevel);
        SubscribeFrom(LogLevel, _stdout);
    }

    /// <inheritdoc/>
    protected override bool IsSubClassification(Type parent, Type child) => parent.IsAssignableFrom(child);

    /// <inheritdoc/>
    protected override void Publish(object @event, IActorRef subscriber) => subscriber.Tell(@event, ActorRefs.NoSender);

    /// <inheritdoc/>
    protected override Type GetClassifier(object @event) => @event.GetType();

    internal void StartDefaultLoggers(ActorSystemImpl system)
    {
        var level = Logging.LogLevelFor(system.Settings.LogLevel);
        var starts = system.Settings.Loggers.Select((name, i) => Start(system, name, i, level)).ToArray();
        LogLevel = level;
        if (!system.Settings.LoggerAsyncStart)
        {
            foreach (var start in starts)
                start.GetAwaiter().GetResult();
        }
        if (_stdout is not null)
            Unsubscribe(_stdout);
    }

    /// <summary>Back to standard output, for what is still said while the system ends.</summary>
    internal void StopDefaultLoggers(ActorSystem system)
    {
        if (_stdout is not null)
        {
            SubscribeFrom(Logging.LogLevelFor(system.Settings.StdoutLogLevel), _stdout);
            Publish(new Debug(GetType().Name, GetType(), "Shutting down: StandardOutLogger started"));
        }
        lock (_loggers)
        {
            foreach (var logger in _loggers)
                Unsubscribe(logger);
            _loggers.Clear();
        }
        Publish(new Debug(GetType().Name, GetType(), "All default loggers stopped"));
    }

    private async Task Start(ActorSystemImpl system, string typeName, int index, LogLevel level)
    {
        var type =
            Type.GetType(typeName)
            ?? throw new Configuration.ConfigurationException(
                $@"Logger specified in config cannot be found: ""{typeName}"""
            );
        if (type == typeof(StandardOutLogger))
            return;
        var logger = system.SystemActorOf(
            Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher),
            $"log{index}-{Logging.SimpleName(type)}"
        );
        // Subscribed before it is ready, so that no line of the start is lost.
        lock (_loggers)
            _loggers.Add(logger);
        SubscribeFrom(level, logger);
        try
        {
            var answer = await logger
                .Ask(new InitializeLogger(this), system.Settings.LoggerStartTimeout)
                .ConfigureAwait(false);
            if (answer is not LoggerInitialized)
                throw new LoggerInitializationException(
                    $"Logger [{typeName}] did not answer with LoggerInitialized, sent instead [{answer}]"
                );
            Publish(new Debug(nameof(LoggingBus), GetType(), $"Logger {type.Name} started"));
        }
        catch (AskTimeoutException)
        {
            Publish(
                new Warning(
                    nameof(LoggingBus),
                    GetType(),
                    $"Logger {type.Name} did not answer within {system.Settings.LoggerStartTimeout} to InitializeLogger"
                )
            );
        }
    }

    private void SubscribeFrom(LogLevel level, IActorRef logger)
    {
        foreach (var each in AllLevels)
        {
            if (each >= level)
                Subscribe(logger, each.ClassFor());
            else
                Unsubscribe(logger, each.ClassFor());
        }
    }
}
