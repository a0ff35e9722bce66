using Akka.Actor;

namespace Akka.Serialization;

public partial class Serialization
{
    [ThreadStatic]
    private static Information? transport;

    /// <summary>For whom this thread serializes at the moment.</summary>
    /// <exception cref="InvalidOperationException">It serializes for nobody.</exception>
    public static Information GetCurrentTransportInformation() =>
        transport ?? throw new InvalidOperationException("nothing is being serialized on this thread");

    /// <summary>Runs <paramref name="action"/>, references in whose results are written with the system's own address.</summary>
    public static T WithTransport<T>(ExtendedActorSystem system, Func<T> action) =>
        WithTransport(system, action, static run => run());

    /// <inheritdoc cref="WithTransport{T}(ExtendedActorSystem, Func{T})"/>
    public static T WithTransport<TState, T>(ExtendedActorSystem system, TState state, Func<TState, T> action) =>
        WithTransport(transport ?? system.Provider.SerializationInformation, state, action);

    /// <summary>Runs <paramref name="action"/>, references in whose results are written with <paramref name="address"/>.</summary>
    public static T WithTransport<T>(ActorSystem system, Address address, Func<T> action) =>
        WithTransport(new Information(address, system), action, static run => run());

    /// <summary>The path by which others find the actor again: with address and incarnation.</summary>
    public static string SerializedActorPath(IActorRef? actorRef)
    {
        if (actorRef is null || actorRef.Equals(ActorRefs.NoSender))
            return "";
        var path = actorRef.Path;
        if (transport is { } current)
            return path.ToSerializationFormatWithAddress(current.Address);
        return actorRef is ActorRefWithCell { Provider.DefaultAddress: { } address }
            ? path.ToSerializationFormatWithAddress(address)
            : path.ToSerializationFormat();
    }

    /// <summary>The reference that <see cref="SerializedActorPath"/> wrote.</summary>
    public IActorRef DeserializeActorRef(string path) => System.Provider.ResolveActorRef(path);

    /// <summary>What <paramref name="serializer"/> needs to know beside the bytes of <paramref name="msg"/>; empty for nothing.</summary>
    public static string ManifestFor(Serializer serializer, object? msg) =>
        msg is null ? ""
        : serializer is SerializerWithStringManifest named ? named.Manifest(msg)
        : serializer.IncludeManifest ? TypeNames.Qualified(msg.GetType())
        : "";

    /// <summary>Runs <paramref name="action"/> for one reader.</summary>
    internal static T WithTransport<TState, T>(Information information, TState state, Func<TState, T> action)
    {
        var outer = transport;
        transport = information;
        try
        {
            return action(state);
        }
        finally
        {
            transport = outer;
        }
    }
}
