using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>What dispatchers need of their system.</summary>
public interface IDispatcherPrerequisites
{
    /// <summary>The bus.</summary>
    EventStream EventStream { get; }

    /// <summary>The scheduler.</summary>
    IScheduler Scheduler { get; }

    /// <summary>The settings.</summary>
    Settings Settings { get; }

    /// <summary>The mailboxes.</summary>
    Mailboxes Mailboxes { get; }
}

/// <summary>What dispatchers need of their system.</summary>
public sealed class DefaultDispatcherPrerequisites(
    EventStream eventStream,
    IScheduler scheduler,
    Settings settings,
    Mailboxes mailboxes
) : IDispatcherPrerequisites
{
    /// <inheritdoc/>
    public EventStream EventStream { get; } = eventStream;

    /// <inheritdoc/>
    public IScheduler Scheduler { get; } = scheduler;

    /// <inheritdoc/>
    public Settings Settings { get; } = settings;

    /// <inheritdoc/>
    public Mailboxes Mailboxes { get; } = mailboxes;
}

/// <summary>The dispatchers of a system, by their path in its configuration.</summary>
public sealed class Dispatchers
{
    /// <summary>Runs actors that ask for nothing else.</summary>
    public static readonly string DefaultDispatcherId = "akka.actor.default-dispatcher";

    /// <summary>Runs work that blocks.</summary>
    public static readonly string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";

    internal static readonly string InternalDispatcherId = "akka.actor.internal-dispatcher";

    private readonly ActorSystem _system;
    private readonly ILoggingAdapter _logger;
    private readonly ConcurrentDictionary<string, Lazy<MessageDispatcherConfigurator>> _configurators = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentBag<ExecutorService> _executors = [];

    /// <summary>Reads from the settings of <paramref name="system"/>.</summary>
    public Dispatchers(ActorSystem system, IDispatcherPrerequisites prerequisites, ILoggingAdapter logger)
    {
        _system = system;
        Prerequisites = prerequisites;
        _logger = logger;
    }

    /// <summary>What dispatchers need.</summary>
    public IDispatcherPrerequisites Prerequisites { get; }

    /// <summary>Runs actors that ask for nothing else.</summary>
    public MessageDispatcher DefaultGlobalDispatcher => Lookup(DefaultDispatcherId);

    /// <summary>The dispatcher of a path; throws <see cref="ConfigurationException"/> when there is none.</summary>
    public MessageDispatcher Lookup(string dispatcherName) =>
        _configurators
            .GetOrAdd(
                dispatcherName,
                static (id, self) => new Lazy<MessageDispatcherConfigurator>(() => self.Configure(id)),
                this
            )
            .Value.Dispatcher();

    /// <summary>True when there is such a dispatcher.</summary>
    public bool HasDispatcher(string id) => _configurators.ContainsKey(id) || _system.Settings.Config.HasPath(id);

    /// <summary>Adds a dispatcher; false when the path is taken.</summary>
    public bool RegisterConfigurator(string id, MessageDispatcherConfigurator configurator) =>
        _configurators.TryAdd(id, new Lazy<MessageDispatcherConfigurator>(configurator));

    internal ExecutorService Track(ExecutorService executor)
    {
        _executors.Add(executor);
        return executor;
    }

    internal void ShutdownAll()
    {
        foreach (var executor in _executors)
            executor.Shutdown();
    }

    private MessageDispatcherConfigurator Configure(string id)
    {
        var config = _system.Settings.Config;
        // A dispatcher may be another's name: that is how the one for the engine's own actors is the default one.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (config.GetValue(id) is { } value && value.IsString() && seen.Add(id))
            id = value.GetString() ?? id;
        if (config.GetConfig(id) is not { } section)
            throw new ConfigurationException($"Dispatcher [{id}] not configured");
        var own = section
            .WithFallback(ConfigurationFactory.ParseString($"id = \"{id}\""))
            .SafeWithFallback(config.GetConfig(DefaultDispatcherId));
        var type = own.GetRequiredString("type");
        switch (type)
        {
            case "Dispatcher" or "TaskDispatcher" or "ForkJoinDispatcher":
                return new DispatcherConfigurator(own, Prerequisites, this, type);
            case "PinnedDispatcher":
                return new PinnedDispatcherConfigurator(own, Prerequisites, this);
            default:
                return Custom(id, own, type);
        }
    }

    private MessageDispatcherConfigurator Custom(string id, Config config, string typeName)
    {
        if (
            Type.GetType(typeName) is { } type
            && Activator.CreateInstance(type, config, Prerequisites) is MessageDispatcherConfigurator custom
        )
            return custom;
        _logger.Error("Dispatcher [{0}] has the unknown type [{1}]", id, typeName);
        throw new ConfigurationException($"Could not resolve dispatcher type [{typeName}] for path {id}");
    }
}
