using System.Collections.Concurrent;
using System.Reflection;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Query;

/// <summary>The extension that finds read journals by their HOCON path.</summary>
public sealed class PersistenceQuery : IExtension
{
    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentDictionary<string, Lazy<IReadJournal>> _journals = new(StringComparer.Ordinal);

    public PersistenceQuery(ExtendedActorSystem system) => _system = system;

    public static PersistenceQuery Get(ActorSystem system) =>
        system.WithExtension<PersistenceQuery, PersistenceQueryProvider>();

    /// <summary>The read journal at a HOCON path, made on first use.</summary>
    /// <exception cref="ArgumentException">Nothing fitting is configured there.</exception>
    public TJournal ReadJournalFor<TJournal>(string readJournalPluginId)
        where TJournal : IReadJournal =>
        (TJournal)
            _journals
                .GetOrAdd(
                    readJournalPluginId,
                    id => new(() => CreateProvider(id, GetDefaultConfig<TJournal>()).GetReadJournal())
                )
                .Value;

    /// <summary>The configuration that a read journal's type brings with it.</summary>
    public static Config GetDefaultConfig<TJournal>() =>
        typeof(TJournal)
            .GetField("DefaultConfiguration", BindingFlags.Public | BindingFlags.Static)
            ?.GetValue(obj: null) as Config
        ?? Config.Empty;

    private IReadJournalProvider CreateProvider(string id, Config defaults)
    {
        _system.Settings.InjectTopLevelFallback(defaults);
        var settings = _system.Settings.Config;
        if (!settings.HasPath(id))
            throw new ArgumentException(
                $"'akka.persistence.query' finds no plugin section '{id}' in the configuration.",
                nameof(id)
            );
        var config = settings.GetConfig(id)!;
        var className = config.GetString("class");
        var type =
            Type.GetType(className ?? string.Empty, throwOnError: false)
            ?? throw new ArgumentException($"Read journal '{id}': class '{className}' cannot be found.", nameof(id));
        object[] arguments = type.GetConstructor([typeof(ExtendedActorSystem), typeof(Config)]) is not null
            ? [_system, config]
            : [];
        return Activator.CreateInstance(type, arguments) as IReadJournalProvider
            ?? throw new ArgumentException($"Read journal '{id}': '{className}' is no provider.", nameof(id));
    }
}

/// <summary>Makes <see cref="PersistenceQuery"/>.</summary>
public class PersistenceQueryProvider : ExtensionIdProvider<PersistenceQuery>
{
    public override PersistenceQuery CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary>Read journals straight from an actor system.</summary>
public static class PersistenceQueryExtensions
{
    /// <summary>The read journal at a HOCON path.</summary>
    public static TJournal ReadJournalFor<TJournal>(this ActorSystem system, string readJournalPluginId)
        where TJournal : IReadJournal => PersistenceQuery.Get(system).ReadJournalFor<TJournal>(readJournalPluginId);
}
