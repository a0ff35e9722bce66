using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence.Journal;

namespace Akka.Persistence;

/// <summary>One actor system's journals, snapshot stores, event adapters and recovery permits.</summary>
public class PersistenceExtension : IExtension
{
    private const string NoSnapshotStorePath = "akka.persistence.no-snapshot-store";
    private const string JournalFallback = "akka.persistence.journal-plugin-fallback";
    private const string SnapshotFallback = "akka.persistence.snapshot-store-plugin-fallback";

    private readonly ExtendedActorSystem _system;
    private readonly Config _config;
    private readonly ConcurrentDictionary<string, Lazy<IActorRef>> _plugins = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<EventAdapters>> _adapters = new(StringComparer.Ordinal);
    private readonly Lazy<IActorRef> _recoveryPermitter;

    public PersistenceExtension(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(Persistence.DefaultConfig());
        _config = system.Settings.Config.GetConfig("akka.persistence")!;
        var maxRecoveries = _config.GetInt("max-concurrent-recoveries");
        _recoveryPermitter = new(() =>
            system.SystemActorOf(Akka.Persistence.RecoveryPermitter.Props(maxRecoveries), "recoveryPermitter")
        );
        DefaultInternalStashOverflowStrategy = CreateOverflowStrategy();

        foreach (var id in _config.GetStringList("journal.auto-start-journals"))
            JournalFor(id);
        foreach (var id in _config.GetStringList("snapshot-store.auto-start-snapshot-stores"))
            SnapshotStoreFor(id);
    }

    public IStashOverflowStrategy DefaultInternalStashOverflowStrategy { get; }

    internal IActorRef RecoveryPermitter => _recoveryPermitter.Value;

    /// <summary>The name under which an actor is known to persistence where it gives none itself: its path.</summary>
    public string PersistenceId(IActorRef actor) => actor.Path.ToStringWithoutAddress();

    /// <summary>The journal at a HOCON path; an empty one stands for <c>akka.persistence.journal.plugin</c>.</summary>
    /// <exception cref="ArgumentException">Nothing is configured there.</exception>
    public IActorRef JournalFor(string journalPluginId) => Plugin(JournalId(journalPluginId), JournalFallback);

    /// <summary>The snapshot store at a HOCON path; an empty one stands for <c>akka.persistence.snapshot-store.plugin</c>.</summary>
    /// <exception cref="ArgumentException">Nothing is configured there.</exception>
    public IActorRef SnapshotStoreFor(string snapshotPluginId) =>
        Plugin(SnapshotStoreId(snapshotPluginId), SnapshotFallback);

    public EventAdapters AdaptersFor(string journalPluginId) =>
        _adapters
            .GetOrAdd(
                JournalId(journalPluginId),
                id => new(() => EventAdapters.Create(_system, PluginConfig(id, JournalFallback)))
            )
            .Value;

    internal Config JournalConfigFor(string journalPluginId) =>
        PluginConfig(JournalId(journalPluginId), JournalFallback);

    internal Config SnapshotStoreConfigFor(string snapshotPluginId) =>
        PluginConfig(SnapshotStoreId(snapshotPluginId), SnapshotFallback);

    private string JournalId(string? asked)
    {
        var id = string.IsNullOrEmpty(asked) ? _config.GetString("journal.plugin") : asked;
        return string.IsNullOrEmpty(id)
            ? throw new ArgumentException(
                "No default journal is configured: akka.persistence.journal.plugin is empty.",
                nameof(asked)
            )
            : id;
    }

    private string SnapshotStoreId(string? asked)
    {
        var id = string.IsNullOrEmpty(asked) ? _config.GetString("snapshot-store.plugin") : asked;
        return string.IsNullOrEmpty(id) ? NoSnapshotStorePath : id;
    }

    private IActorRef Plugin(string id, string fallback) =>
        _plugins.GetOrAdd(id, key => new(() => StartPlugin(key, PluginConfig(key, fallback)))).Value;

    private Config PluginConfig(string id, string fallback)
    {
        if (!_system.Settings.Config.HasPath(id))
            throw new ArgumentException(
                $"'akka.persistence' finds no plugin section '{id}' in the configuration.",
                nameof(id)
            );
        return _system.Settings.Config.GetConfig(id)!.WithFallback(_system.Settings.Config.GetConfig(fallback)!);
    }

    private IActorRef StartPlugin(string id, Config config)
    {
        var className = config.GetString("class");
        if (string.IsNullOrEmpty(className))
            throw new ArgumentException($"Plugin section '{id}' names no class.", nameof(id));
        var type =
            Type.GetType(className, throwOnError: false)
            ?? throw new ArgumentException($"Plugin section '{id}': class '{className}' cannot be found.", nameof(id));
        var takesConfig = type.GetConstructor([typeof(Config)]) is not null;
        var props = takesConfig ? Props.Create(type, config) : Props.Create(type);
        Logging.GetLogger(_system, this).Debug("Starting persistence plugin {0} as {1}", id, className);
        return _system.SystemActorOf(props.WithDispatcher(config.GetString("plugin-dispatcher")!), id);
    }

    private IStashOverflowStrategy CreateOverflowStrategy()
    {
        var name = _config.GetString("internal-stash-overflow-strategy")!;
        var type = Type.GetType(name, throwOnError: true)!;
        var configurator = (IStashOverflowStrategyConfigurator)Activator.CreateInstance(type)!;
        return configurator.Create(_system.Settings.Config);
    }
}
