using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Messages on their way through a selection.</summary>
public class MessageContainerSerializer(ExtendedActorSystem system) : Serializer(system)
{
    // A selection is a path of an actor: longer ones are made by no program.
    private const int MostElements = 256;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var selection = (ActorSelectionMessage)obj;
        var buffer = new FrameBuffer(256);
        buffer.Byte(selection.WildCardFanOut ? (byte)1 : (byte)0);
        buffer.Number(selection.Elements.Length);
        foreach (var element in selection.Elements)
        {
            switch (element)
            {
                case SelectParent:
                    buffer.Byte((byte)Kind.Parent);
                    break;
                case SelectChildRecursive:
                    buffer.Byte((byte)Kind.Recursive);
                    break;
                case SelectChildName name:
                    buffer.Byte((byte)Kind.Name);
                    buffer.Text(name.Name);
                    break;
                case SelectChildPattern pattern:
                    buffer.Byte((byte)Kind.Pattern);
                    buffer.Text(pattern.PatternStr);
                    break;
            }
        }
        buffer.Message(system, selection.Message);
        return buffer.Written.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type? type)
    {
        var reader = new FrameReader(bytes);
        Payload.Require(
            reader.TryByte(out var fanOut) & reader.TryNumber(out var count) && count is >= 0 and <= MostElements
        );
        var elements = new SelectionPathElement[count];
        for (var i = 0; i < count; i++)
            elements[i] = Element(ref reader);
        return new ActorSelectionMessage(reader.Message(system) ?? throw Payload.Malformed(), elements, fanOut != 0);
    }

    private static SelectionPathElement Element(ref FrameReader reader)
    {
        Payload.Require(reader.TryByte(out var kind));
        switch ((Kind)kind)
        {
            case Kind.Parent:
                return new SelectParent();
            case Kind.Recursive:
                return new SelectChildRecursive();
            case Kind.Name when reader.TryText(out var name):
                return new SelectChildName(name);
            case Kind.Pattern when reader.TryText(out var pattern):
                return new SelectChildPattern(pattern);
            default:
                throw Payload.Malformed();
        }
    }

    private enum Kind : byte
    {
        Parent = 1,
        Name = 2,
        Pattern = 3,
        Recursive = 4,
    }
}
