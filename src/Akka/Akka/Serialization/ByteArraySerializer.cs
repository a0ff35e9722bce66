using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Byte arrays as they are.</summary>
public class ByteArraySerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override bool IncludeManifest => false;

    /// <exception cref="NotSupportedException">The object is no byte array.</exception>
    public override byte[] ToBinary(object? obj) =>
        obj switch
        {
            null => [],
            byte[] bytes => bytes,
            _ => throw new NotSupportedException($"{obj.GetType()} is no byte array"),
        };

    public override object FromBinary(byte[] bytes, Type? type) => bytes;
}
