using Akka.Actor;

namespace Akka.Serialization;

/// <summary>A serializer whose types have names of its choice, so that classes may move while their bytes stay readable.</summary>
public abstract class SerializerWithStringManifest(ExtendedActorSystem system) : Serializer(system)
{
    public sealed override bool IncludeManifest => true;

    /// <summary>Reads by the name of the type, for callers that know the type only.</summary>
    public sealed override object? FromBinary(byte[] bytes, Type? type) =>
        FromBinary(bytes, type is null ? "" : TypeNames.Qualified(type));

    /// <summary>The object in <paramref name="bytes"/> that was written under <paramref name="manifest"/>.</summary>
    public abstract object FromBinary(byte[] bytes, string manifest);

    /// <summary>The name under which <paramref name="o"/> is written.</summary>
    public abstract string Manifest(object o);
}
