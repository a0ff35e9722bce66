using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>What the engine reads of the configuration.</summary>
public class Settings
{
    private readonly Config _userConfig;
    private Config _fallback;

    /// <summary>Reads <paramref name="config"/> above the defaults.</summary>
    public Settings(ActorSystem system, Config config, ActorSystemSetup setup)
    {
        System = system;
        Setup = setup;
        _userConfig = config;
        _fallback = ConfigurationFactory.Default();
        Config = _userConfig.SafeWithFallback(_fallback);

        ProviderSelectionType = setup
            .Get<BootstrapSetup>()
            .FlatSelect(bootstrap => bootstrap.ActorRefProvider)
            .GetOrElse(ProviderSelection.GetProvider(Config.GetRequiredString("akka.actor.provider")));
        ProviderClass = ProviderSelectionType.Fqn;
        SupervisorStrategyClass = Config.GetRequiredString("akka.actor.guardian-supervisor-strategy");
        AskTimeout = Config.GetTimeSpan("akka.actor.ask-timeout", Timeout.InfiniteTimeSpan);
        SchedulerClass = Config.GetRequiredString("akka.scheduler.implementation");
        Loggers = Config.GetStringList("akka.loggers");
        LoggersDispatcher = Config.GetRequiredString("akka.loggers-dispatcher");
        LoggerStartTimeout = Config.GetTimeSpan("akka.logger-startup-timeout");
        LoggerAsyncStart = Config.GetBoolean("akka.logger-async-start");
        LogLevel = Config.GetRequiredString("akka.loglevel");
        StdoutLogLevel = Config.GetRequiredString("akka.stdout-loglevel");
        LogConfigOnStart = Config.GetBoolean("akka.log-config-on-start");
        LogDeadLetters = Config.GetRequiredString("akka.log-dead-letters").ToLowerInvariant() switch
        {
            "off" or "false" => 0,
            "on" or "true" => int.MaxValue,
            _ => Config.GetInt("akka.log-dead-letters"),
        };
        LogDeadLettersSuspendDuration =
            Config.GetString("akka.log-dead-letters-suspend-duration") == "infinite"
                ? Timeout.InfiniteTimeSpan
                : Config.GetTimeSpan("akka.log-dead-letters-suspend-duration");
        LogDeadLettersDuringShutdown = Config.GetBoolean("akka.log-dead-letters-during-shutdown");
        LogFormatter = CreateFormatter(Config.GetRequiredString("akka.logger-formatter"));
        DebugAutoReceive = Config.GetBoolean("akka.actor.debug.autoreceive");
        DebugLifecycle = Config.GetBoolean("akka.actor.debug.lifecycle");
        DebugEventStream = Config.GetBoolean("akka.actor.debug.event-stream");
        DebugUnhandledMessage = Config.GetBoolean("akka.actor.debug.unhandled");
        CoordinatedShutdownTerminateActorSystem = Config.GetBoolean("akka.coordinated-shutdown.terminate-actor-system");
        CoordinatedShutdownRunByActorSystemTerminate = Config.GetBoolean(
            "akka.coordinated-shutdown.run-by-actor-system-terminate"
        );
    }

    /// <summary>The system.</summary>
    public ActorSystem System { get; }

    /// <summary>What the system was set up with.</summary>
    public ActorSystemSetup Setup { get; }

    /// <summary>All of the configuration.</summary>
    public Config Config { get; private set; }

    /// <summary>The kind of provider.</summary>
    public ProviderSelection ProviderSelectionType { get; }

    /// <summary>The class of the provider.</summary>
    public string ProviderClass { get; }

    /// <summary>The class of the user guardian's strategy.</summary>
    public string SupervisorStrategyClass { get; }

    /// <summary>How long an ask waits unless told otherwise.</summary>
    public TimeSpan AskTimeout { get; }

    /// <summary>The class of the scheduler.</summary>
    public string SchedulerClass { get; }

    /// <summary>The classes of the loggers.</summary>
    public IList<string> Loggers { get; }

    /// <summary>What runs the loggers.</summary>
    public string LoggersDispatcher { get; }

    /// <summary>How long a logger may take to start.</summary>
    public TimeSpan LoggerStartTimeout { get; }

    /// <summary>True when the system does not wait for its loggers.</summary>
    public bool LoggerAsyncStart { get; }

    /// <summary>The level of the log.</summary>
    public string LogLevel { get; }

    /// <summary>The level of standard output before the loggers run.</summary>
    public string StdoutLogLevel { get; }

    /// <summary>True when the configuration is logged at the start.</summary>
    public bool LogConfigOnStart { get; }

    /// <summary>How many dead letters are logged.</summary>
    public int LogDeadLetters { get; }

    /// <summary>How long the log is silent about them after that many; infinite is for good.</summary>
    public TimeSpan LogDeadLettersSuspendDuration { get; }

    /// <summary>True when they are logged also while the system ends.</summary>
    public bool LogDeadLettersDuringShutdown { get; }

    /// <summary>Turns templates of the log into text.</summary>
    public ILogMessageFormatter LogFormatter { get; }

    /// <summary>True when messages that the engine handles are logged.</summary>
    public bool DebugAutoReceive { get; }

    /// <summary>True when start, restart and end of actors are logged.</summary>
    public bool DebugLifecycle { get; }

    /// <summary>True when subscriptions are logged.</summary>
    public bool DebugEventStream { get; }

    /// <summary>True when unhandled messages are logged.</summary>
    public bool DebugUnhandledMessage { get; }

    /// <summary>True when coordinated shutdown ends with the system.</summary>
    public bool CoordinatedShutdownTerminateActorSystem { get; }

    /// <summary>True when the end of the system runs coordinated shutdown.</summary>
    public bool CoordinatedShutdownRunByActorSystemTerminate { get; }

    /// <summary>Puts the defaults of an extension below all that there is.</summary>
    public void InjectTopLevelFallback(Config config)
    {
        lock (_userConfig)
        {
            _fallback = _fallback.SafeWithFallback(config);
            Config = _userConfig.SafeWithFallback(_fallback);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Config.ToString();

    private static ILogMessageFormatter CreateFormatter(string typeName)
    {
        var type =
            Type.GetType(typeName)
            ?? throw new ConfigurationException($"No valid log formatter specified: [{typeName}]");
        return type == typeof(DefaultLogMessageFormatter)
            ? DefaultLogMessageFormatter.Instance
            : (ILogMessageFormatter)Activator.CreateInstance(type)!;
    }
}
