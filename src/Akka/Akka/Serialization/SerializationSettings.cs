using Akka.Actor;
using Akka.Configuration;

namespace Akka.Serialization;

/// <summary>The serializers and bindings that a system's configuration names.</summary>
internal sealed class SerializationSettings(ExtendedActorSystem system)
{
    private const string SerializersSection = "akka.actor.serializers";
    private const string BindingsSection = "akka.actor.serialization-bindings";

    // One state of it: an extension may add its defaults meanwhile.
    private readonly Config _config = system.Settings.Config;

    public IEnumerable<(string Name, Serializer Serializer)> Serializers()
    {
        foreach (var (name, value) in Section(SerializersSection))
        {
            var type = Find(value.GetString(), $"{SerializersSection}.{name}");
            yield return (name, Create(name, type));
        }
    }

    public IEnumerable<(Type Type, string Serializer)> Bindings()
    {
        var known = Section(SerializersSection).Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (typeName, value) in Section(BindingsSection))
        {
            var type = Find(typeName, BindingsSection);
            var serializer = value.GetString();
            if (serializer is null || !known.Contains(serializer))
            {
                throw new ConfigurationException(
                    $"{BindingsSection} binds {typeName} to '{serializer}', which is not in {SerializersSection}"
                );
            }
            yield return (type, serializer);
        }
    }

    public IEnumerable<SerializerDetails> SetUp() =>
        system.Settings.Setup.Get<SerializationSetup>() is { HasValue: true, Value: var setup }
            ? setup.CreateSerializers(system)
            : [];

    private IEnumerable<KeyValuePair<string, Configuration.Hocon.HoconValue>> Section(string path) =>
        _config.GetConfig(path)?.AsEnumerable() ?? [];

    private static Type Find(string? typeName, string where) =>
        typeName is not null && Type.GetType(typeName, throwOnError: false) is { } type
            ? type
            : throw new ConfigurationException($"{where}: there is no type '{typeName}'");

    private Serializer Create(string name, Type type)
    {
        var settings = _config.GetConfig($"akka.actor.serialization-settings.{name}");
        var takesSettings = type.GetConstructor([typeof(ExtendedActorSystem), typeof(Config)]) is not null;
        var arguments = takesSettings && settings is not null ? new object[] { system, settings } : [system];
        return Activator.CreateInstance(type, arguments) as Serializer
            ?? throw new ConfigurationException($"{SerializersSection}.{name}: {type} is no serializer");
    }
}
