using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Turns messages of some types into bytes and back.</summary>
public abstract class Serializer
{
    /// <summary>The system that this serializes for.</summary>
    protected readonly ExtendedActorSystem system;

    // Looked up in the configuration once, not for each message.
    private readonly Lazy<int> identifier;

    protected Serializer(ExtendedActorSystem system)
    {
        this.system = system;
        identifier = new Lazy<int>(() =>
            SerializerIdentifierHelper.GetSerializerIdentifierFromConfig(GetType(), system)
        );
    }

    /// <summary>The number that stands beside the bytes, for ever the same; 0 to 40 are the toolkit's own.</summary>
    /// <remarks>Unless overridden it is the one that <c>akka.actor.serialization-identifiers</c> gives to the type.</remarks>
    public virtual int Identifier => identifier.Value;

    /// <summary>Whether reading needs to know the type that was written.</summary>
    public abstract bool IncludeManifest { get; }

    /// <summary>The bytes of <paramref name="obj"/>.</summary>
    public abstract byte[] ToBinary(object obj);

    /// <summary>The bytes of <paramref name="obj"/>, local references in it written with <paramref name="address"/>.</summary>
    public byte[] ToBinaryWithAddress(Address address, object obj) =>
        Serialization.WithTransport(system, address, () => ToBinary(obj));

    /// <summary>The object in <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What <see cref="ToBinary"/> gave.</param>
    /// <param name="type">The type that was written; null where <see cref="IncludeManifest"/> is false.</param>
    public abstract object? FromBinary(byte[] bytes, Type? type);

    /// <summary>The object in <paramref name="bytes"/>.</summary>
    public T FromBinary<T>(byte[] bytes) => (T)FromBinary(bytes, typeof(T))!;
}
