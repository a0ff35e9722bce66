using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Finds the serializer of a message: that of its type, or of the most specific type or interface that is bound.</summary>
public partial class Serialization
{
    private readonly ConcurrentDictionary<int, Serializer> serializersById = new();
    private readonly ConcurrentDictionary<string, Serializer> serializersByName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, Serializer> bindings = new();
    private readonly ConcurrentDictionary<Type, Serializer> found = new();
    private readonly NullSerializer nullSerializer;

    /// <summary>Takes <c>akka.actor.serializers</c>, <c>serialization-bindings</c> and <see cref="SerializationSetup"/>.</summary>
    /// <exception cref="Configuration.ConfigurationException">They name a type or serializer that is not there.</exception>
    public Serialization(ExtendedActorSystem system)
    {
        System = system;
        nullSerializer = new NullSerializer(system);
        AddSerializer("null", nullSerializer);
        var settings = new SerializationSettings(system);
        foreach (var (name, serializer) in settings.Serializers())
            AddSerializer(name, serializer);
        foreach (var (type, name) in settings.Bindings())
            AddSerializationMap(type, serializersByName[name]);
        foreach (var details in settings.SetUp())
        {
            AddSerializer(details.Alias, details.Serializer);
            foreach (var type in details.UseFor)
                AddSerializationMap(type, details.Serializer);
        }
    }

    public ExtendedActorSystem System { get; }

    /// <summary>Makes <paramref name="serializer"/> known by its identifier.</summary>
    public void AddSerializer(Serializer serializer) => serializersById[serializer.Identifier] = serializer;

    /// <summary>Makes <paramref name="serializer"/> known by its identifier and by <paramref name="name"/>.</summary>
    public void AddSerializer(string name, Serializer serializer)
    {
        AddSerializer(serializer);
        serializersByName[name] = serializer;
    }

    /// <summary>Binds <paramref name="type"/>, and what derives from it, to <paramref name="serializer"/>.</summary>
    public void AddSerializationMap(Type type, Serializer serializer)
    {
        bindings[type] = serializer;
        found.Clear();
    }

    /// <summary>The serializer for <paramref name="obj"/>.</summary>
    /// <exception cref="SerializationException">Nothing is bound to its type, and there is no default.</exception>
    public Serializer FindSerializerFor(object? obj, string? defaultSerializerName = null) =>
        obj is null ? nullSerializer : FindSerializerForType(obj.GetType(), defaultSerializerName);

    /// <summary>The serializer for <paramref name="objectType"/>.</summary>
    /// <param name="objectType">The type of the message.</param>
    /// <param name="defaultSerializerName">The name of the serializer to take when nothing is bound.</param>
    /// <exception cref="SerializationException">Nothing is bound to the type, and there is no default.</exception>
    public Serializer FindSerializerForType(Type objectType, string? defaultSerializerName = null)
    {
        if (found.TryGetValue(objectType, out var known))
            return known;
        if (MostSpecific(objectType) is { } bound)
            return found.GetOrAdd(objectType, bound);
        if (defaultSerializerName is not null && serializersByName.TryGetValue(defaultSerializerName, out var named))
            return named;
        throw new SerializationException(
            $"no serializer is bound to {TypeNames.Qualified(objectType)}: name one in akka.actor.serialization-bindings"
        );
    }

    /// <summary>The bytes of <paramref name="o"/> by the serializer of its type.</summary>
    public byte[] Serialize(object? o) =>
        WithTransport(
            System,
            (Serialization: this, o),
            static s => s.Serialization.FindSerializerFor(s.o).ToBinary(s.o!)
        );

    /// <summary>The object in <paramref name="bytes"/>.</summary>
    /// <exception cref="SerializationException">No serializer has the identifier.</exception>
    public object? Deserialize(byte[] bytes, int serializerId, Type? type) =>
        WithTransport(
            System,
            (Serializer: ById(serializerId), bytes, type),
            static s => s.Serializer.FromBinary(s.bytes, s.type)
        );

    /// <summary>The object in <paramref name="bytes"/>.</summary>
    /// <exception cref="SerializationException">No serializer has the identifier, or the manifest is no type here.</exception>
    public object? Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest withManifest)
            return WithTransport(
                System,
                (withManifest, bytes, manifest),
                static s => s.withManifest.FromBinary(s.bytes, s.manifest)
            );
        if (string.IsNullOrEmpty(manifest))
            return Deserialize(bytes, serializerId, (Type?)null);
        var type =
            Type.GetType(manifest)
            ?? throw new SerializationException($"the serializer {serializerId} knows no type '{manifest}'");
        return Deserialize(bytes, serializerId, type);
    }

    private Serializer ById(int id) =>
        serializersById.TryGetValue(id, out var serializer)
            ? serializer
            : throw new SerializationException(
                $"no serializer has the identifier {id}; there are {string.Join(", ", serializersById.Keys.Order())}"
            );

    private Serializer? MostSpecific(Type type)
    {
        var candidates = bindings.Keys.Where(bound => bound.IsAssignableFrom(type)).ToList();
        // Of two that both fit, the one that the other fits too says less. A class says more than an interface.
        var best = candidates
            .Where(one => !candidates.Exists(other => other != one && one.IsAssignableFrom(other)))
            .OrderBy(one => one.IsInterface)
            .ThenBy(one => one.FullName, StringComparer.Ordinal)
            .FirstOrDefault();
        return best is null ? null : bindings[best];
    }
}
