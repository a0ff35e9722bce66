using Akka.Actor;
using Akka.Serialization;

namespace Akka.Persistence.Sql;

/// <summary>Turns payloads into the three columns that tell how to read them back: bytes, serializer id, manifest.</summary>
internal sealed class PayloadSerializer(ExtendedActorSystem system, string? defaultSerializer)
{
    private readonly Akka.Serialization.Serialization _serialization = system.Serialization;

    public SerializedPayload Serialize(object payload)
    {
        var serializer = _serialization.FindSerializerFor(payload, defaultSerializer);
        // Actor references within the payload are written with this system's own address.
        return Akka.Serialization.Serialization.WithTransport(
            system,
            () =>
                new SerializedPayload(
                    serializer.ToBinary(payload),
                    serializer.Identifier,
                    Akka.Serialization.Serialization.ManifestFor(serializer, payload)
                )
        );
    }

    public object Deserialize(byte[] bytes, int? serializerId, string? manifest)
    {
        if (serializerId is { } id)
            return _serialization.Deserialize(bytes, id, manifest ?? string.Empty)!;
        // Rows from before serializer ids name the type in the manifest.
        var type = Type.GetType(manifest ?? string.Empty, throwOnError: true)!;
        var serializer = _serialization.FindSerializerForType(type, defaultSerializer);
        return Akka.Serialization.Serialization.WithTransport(system, () => serializer.FromBinary(bytes, type)!);
    }
}

internal sealed record SerializedPayload(byte[] Bytes, int SerializerId, string Manifest);
