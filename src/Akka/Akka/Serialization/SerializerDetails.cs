using System.Collections.Immutable;

namespace Akka.Serialization;

/// <summary>A serializer that is set up by program rather than by configuration.</summary>
public sealed class SerializerDetails
{
    private SerializerDetails(string alias, Serializer serializer, ImmutableHashSet<Type> useFor)
    {
        Alias = alias;
        Serializer = serializer;
        UseFor = useFor;
    }

    /// <summary>Its name.</summary>
    public string Alias { get; }

    public Serializer Serializer { get; }

    /// <summary>The types that are bound to it.</summary>
    public ImmutableHashSet<Type> UseFor { get; }

    public static SerializerDetails Create(string alias, Serializer serializer, ImmutableHashSet<Type> useFor) =>
        new(alias, serializer, useFor);
}
