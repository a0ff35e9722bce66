using Akka.Actor;
using Akka.Configuration;

namespace Akka.Serialization;

/// <summary>The identifiers of serializers that take them from the configuration.</summary>
public static class SerializerIdentifierHelper
{
    private const string Section = "akka.actor.serialization-identifiers";

    /// <summary>The number that <c>akka.actor.serialization-identifiers</c> gives to <paramref name="type"/>.</summary>
    /// <exception cref="ConfigurationException">It gives none.</exception>
    public static int GetSerializerIdentifierFromConfig(Type type, ExtendedActorSystem system)
    {
        foreach (var (name, value) in system.Settings.Config.GetConfig(Section)?.AsEnumerable() ?? [])
        {
            if (Type.GetType(name) == type)
                return value.GetInt();
        }
        throw new ConfigurationException(
            $"the serializer {TypeNames.Qualified(type)} has no number in {Section} and no Identifier of its own"
        );
    }
}
