using Akka.Actor;
using Akka.Remote.Transport;

namespace Akka.Remote.Associations;

/// <summary>
/// Writes messages of one connection. References and manifests that come again are written once and then as a number;
/// when there are too many references both sides forget them all.
/// </summary>
internal sealed class EnvelopeWriter(Address localAddress, IActorRef deadLetters)
{
    public const int MostReferences = 2048;
    public const int MostManifests = 256;

    /// <summary>The numbers that say how a text is written; from <see cref="Known"/> on they stand for texts.</summary>
    public const int None = 0;
    public const int Once = 1;
    public const int Remember = 2;
    public const int Known = 3;

    private readonly Dictionary<IActorRef, int> _references = [];
    private readonly Dictionary<string, int> _manifests = new(StringComparer.Ordinal);

    public void Write(FrameBuffer buffer, RemoteActorRef recipient, IActorRef? sender, SerializedMessage message)
    {
        ForgetIfFull(buffer);
        buffer.Begin(FrameType.Message);
        Rest(buffer, recipient, sender, message);
    }

    public void Write(FrameBuffer buffer, OutboundSystemMessage message)
    {
        ForgetIfFull(buffer);
        buffer.Begin(FrameType.SystemMessage);
        buffer.Int64(message.Sequence);
        Rest(buffer, message.Recipient, null, message.Message);
    }

    private void Rest(FrameBuffer buffer, RemoteActorRef recipient, IActorRef? sender, SerializedMessage message)
    {
        Reference(buffer, recipient);
        Reference(buffer, sender);
        buffer.Int32(message.SerializerId);
        Manifest(buffer, message.Manifest);
        buffer.Bytes(message.Bytes);
        buffer.End();
    }

    private void ForgetIfFull(FrameBuffer buffer)
    {
        // One message needs two at most.
        if (_references.Count <= MostReferences - 2)
            return;
        _references.Clear();
        buffer.Begin(FrameType.ForgetReferences);
        buffer.End();
    }

    private void Reference(FrameBuffer buffer, IActorRef? reference)
    {
        if (reference is null or Nobody || reference.Equals(deadLetters))
            buffer.Number(None);
        else if (_references.TryGetValue(reference, out var number))
            buffer.Number(number + Known);
        else if (reference is LocalActorRef or RemoteActorRef or FunctionRef)
        {
            _references.Add(reference, _references.Count);
            buffer.Number(Remember);
            buffer.Text(reference.Path.ToSerializationFormatWithAddress(localAddress));
        }
        else
        {
            // The reference of an ask is used once.
            buffer.Number(Once);
            buffer.Text(reference.Path.ToSerializationFormatWithAddress(localAddress));
        }
    }

    private void Manifest(FrameBuffer buffer, string manifest)
    {
        if (manifest.Length == 0)
            buffer.Number(None);
        else if (_manifests.TryGetValue(manifest, out var number))
            buffer.Number(number + Known);
        else if (_manifests.Count < MostManifests)
        {
            _manifests.Add(manifest, _manifests.Count);
            buffer.Number(Remember);
            buffer.Text(manifest);
        }
        else
        {
            buffer.Number(Once);
            buffer.Text(manifest);
        }
    }
}
