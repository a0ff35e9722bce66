using Akka.Actor;
using Akka.Remote.Transport;

namespace Akka.Remote.Serialization;

/// <summary>Parts that several messages of the engine have: another message, a reference, an exception.</summary>
internal static class Payload
{
    private const int MostInnerExceptions = 8;

    public static void Message(this FrameBuffer buffer, ExtendedActorSystem system, object? message)
    {
        var serializer = system.Serialization.FindSerializerFor(message);
        var bytes = message is null ? [] : serializer.ToBinary(message);
        buffer.Int32(serializer.Identifier);
        buffer.Text(Akka.Serialization.Serialization.ManifestFor(serializer, message));
        buffer.Number(bytes.Length);
        buffer.Bytes(bytes);
    }

    public static object? Message(this ref FrameReader reader, ExtendedActorSystem system)
    {
        Require(reader.TryInt32(out var id) & reader.TryText(out var manifest) & reader.TryBytes(out var bytes));
        return system.Serialization.Deserialize(bytes.ToArray(), id, manifest);
    }

    public static void Reference(this FrameBuffer buffer, IActorRef? reference) =>
        buffer.Text(reference is null or Nobody ? "" : Akka.Serialization.Serialization.SerializedActorPath(reference));

    /// <summary>A reference; null for none.</summary>
    public static IInternalActorRef? Reference(this ref FrameReader reader, ExtendedActorSystem system)
    {
        Require(reader.TryText(out var path));
        return path.Length == 0 ? null : (IInternalActorRef)system.Provider.ResolveActorRef(path);
    }

    /// <summary>A reference that has to be there.</summary>
    public static IInternalActorRef Actor(this ref FrameReader reader, ExtendedActorSystem system) =>
        reader.Reference(system) ?? throw Malformed();

    public static void Exception(this FrameBuffer buffer, Exception? cause)
    {
        var depth = 0;
        for (; cause is not null && depth < MostInnerExceptions; cause = cause.InnerException, depth++)
        {
            buffer.Byte(1);
            var type = cause.GetType();
            buffer.Text($"{type.FullName}, {type.Assembly.GetName().Name}");
            buffer.Text(cause.Message);
        }
        buffer.Byte(0);
    }

    /// <summary>The exception, of its own type where that is known here and takes a message; null for none.</summary>
    public static Exception? Exception(this ref FrameReader reader)
    {
        var read = new Stack<(string Type, string Message)>();
        while (true)
        {
            Require(reader.TryByte(out var more));
            if (more == 0)
                break;
            Require(reader.TryText(out var type) & reader.TryText(out var message) & read.Count < MostInnerExceptions);
            read.Push((type, message));
        }
        Exception? inner = null;
        while (read.TryPop(out var one))
            inner = Make(one.Type, one.Message, inner);
        return inner;
    }

    public static void Require(bool holds)
    {
        if (!holds)
            throw Malformed();
    }

    public static System.Runtime.Serialization.SerializationException Malformed() => new("the bytes are malformed");

    private static Exception Make(string typeName, string message, Exception? inner)
    {
        try
        {
            if (Type.GetType(typeName) is { } type && typeof(Exception).IsAssignableFrom(type))
            {
                if (type.GetConstructor([typeof(string), typeof(Exception)]) is { } both)
                    return (Exception)both.Invoke([message, inner]);
                if (type.GetConstructor([typeof(string)]) is { } one)
                    return (Exception)one.Invoke([message]);
            }
        }
        catch (Exception refused) when (refused is System.Reflection.TargetInvocationException or MemberAccessException)
        {
            // Then as one that says what it was.
        }
        return new RemoteTransportException($"{typeName}: {message}", inner);
    }
}
