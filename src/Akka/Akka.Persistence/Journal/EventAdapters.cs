using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Persistence.Journal;

/// <summary>A journal's event adapters, found by the type of the event or of its nearest bound base type.</summary>
public class EventAdapters
{
    private readonly ConcurrentDictionary<Type, IEventAdapter> _found;
    private readonly KeyValuePair<Type, IEventAdapter>[] _bindings;
    private readonly ILoggingAdapter? _log;

    /// <param name="bindings">In the order in which they are tried: derived types before their bases.</param>
    public EventAdapters(
        ConcurrentDictionary<Type, IEventAdapter> map,
        IEnumerable<KeyValuePair<Type, IEventAdapter>> bindings,
        ILoggingAdapter? log
    )
    {
        _found = map;
        _bindings = [.. bindings];
        _log = log;
    }

    /// <summary>Reads <c>event-adapters</c> and <c>event-adapter-bindings</c> of a journal's section.</summary>
    /// <exception cref="ArgumentException">A binding names an adapter or a type that is not there.</exception>
    public static EventAdapters Create(ExtendedActorSystem system, Config config)
    {
        var adapters = Section(config, "event-adapters")
            .ToDictionary(
                entry => entry.Key,
                entry => CreateAdapter(system, config.GetString($"event-adapters.{entry.Key}", string.Empty)!),
                StringComparer.Ordinal
            );
        var bindings = new List<KeyValuePair<Type, IEventAdapter>>();
        foreach (var (name, value) in Section(config, "event-adapter-bindings"))
        {
            var names = value.IsArray() ? value.GetStringList() : [value.GetString() ?? string.Empty];
            var bound = names.Select(n => Named(adapters, n, name)).ToArray();
            bindings.Add(new(TypeOf(name), bound.Length == 1 ? bound[0] : new CombinedReadEventAdapter(bound)));
        }
        return new EventAdapters(
            new ConcurrentDictionary<Type, IEventAdapter>(),
            DerivedFirst(bindings),
            Logging.GetLogger(system, typeof(EventAdapters))
        );
    }

    public IEventAdapter Get<T>() => Get(typeof(T));

    public IEventAdapter Get(Type type) => _found.GetOrAdd(type, Find);

    private IEventAdapter Find(Type type)
    {
        foreach (var (bound, adapter) in _bindings)
        {
            if (!bound.IsAssignableFrom(type))
                continue;
            _log?.Debug("Using event adapter {0} for {1}", adapter.GetType(), type);
            return adapter;
        }
        return IdentityEventAdapter.Instance;
    }

    private static IEnumerable<KeyValuePair<string, Configuration.Hocon.HoconValue>> Section(
        Config config,
        string path
    ) => config.HasPath(path) ? config.GetConfig(path)!.AsEnumerable() : [];

    private static IEventAdapter Named(Dictionary<string, IEventAdapter> adapters, string name, string type) =>
        adapters.GetValueOrDefault(name)
        ?? throw new ArgumentException($"{type.Trim('"')} was bound to undefined event-adapter: {name}");

    private static Type TypeOf(string name)
    {
        var assemblyQualified = name.Trim('"');
        return Type.GetType(assemblyQualified, throwOnError: false)
            ?? throw new ArgumentException($"Event adapters: type '{assemblyQualified}' cannot be found.");
    }

    private static IEventAdapter CreateAdapter(ExtendedActorSystem system, string className)
    {
        var type = TypeOf(className);
        var made = type.GetConstructor([typeof(ExtendedActorSystem)]) is not null
            ? Activator.CreateInstance(type, system)
            : Activator.CreateInstance(type);
        return made switch
        {
            IEventAdapter both => both,
            IWriteEventAdapter write => new WriteOnlyAdapter(write),
            IReadEventAdapter read => new ReadOnlyAdapter(read),
            _ => throw new ArgumentException($"'{className}' is no event adapter."),
        };
    }

    // Insertion in front of the first base type already placed keeps unrelated types in their order.
    private static List<KeyValuePair<Type, IEventAdapter>> DerivedFirst(
        IEnumerable<KeyValuePair<Type, IEventAdapter>> bindings
    )
    {
        var sorted = new List<KeyValuePair<Type, IEventAdapter>>();
        foreach (var binding in bindings)
        {
            var at = sorted.FindIndex(other => other.Key.IsAssignableFrom(binding.Key));
            sorted.Insert(at < 0 ? sorted.Count : at, binding);
        }
        return sorted;
    }
}
