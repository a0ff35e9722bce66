using Akka.Actor;
using Akka.Remote.Transport;

namespace Akka.Remote.Associations;

/// <summary>A message that came from another system, not yet deserialised.</summary>
internal readonly ref struct InboundEnvelope(
    IInternalActorRef recipient,
    IActorRef? sender,
    int serializerId,
    string manifest,
    ReadOnlySpan<byte> payload
)
{
    public IInternalActorRef Recipient { get; } = recipient;

    public IActorRef? Sender { get; } = sender;

    public int SerializerId { get; } = serializerId;

    public string Manifest { get; } = manifest;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>Reads what <see cref="EnvelopeWriter"/> of the other side wrote on one connection.</summary>
internal sealed class EnvelopeReader(IRemoteActorRefProvider provider, Address localAddress)
{
    private readonly List<Remembered> _references = [];
    private readonly List<string> _manifests = [];

    /// <summary>False when the frame is no message.</summary>
    public bool TryRead(ref FrameReader reader, out InboundEnvelope envelope)
    {
        envelope = default;
        if (
            !TryReference(ref reader, out var recipient)
            || recipient is null
            || !TryReference(ref reader, out var sender)
            || !reader.TryInt32(out var serializerId)
            || !TryManifest(ref reader, out var manifest)
        )
            return false;
        envelope = new InboundEnvelope(recipient, sender, serializerId, manifest, reader.Rest);
        return true;
    }

    public void ForgetReferences() => _references.Clear();

    private bool TryReference(ref FrameReader reader, out IInternalActorRef? reference)
    {
        reference = null;
        if (!reader.TryNumber(out var number))
            return false;
        if (number == EnvelopeWriter.None)
            return true;
        if (number >= EnvelopeWriter.Known)
        {
            if (number - EnvelopeWriter.Known >= _references.Count)
                return false;
            reference = _references[number - EnvelopeWriter.Known].Resolve(provider, localAddress);
            return true;
        }
        if (!reader.TryText(out var path) || path.Length == 0)
            return false;
        var read = new Remembered(path);
        reference = read.Resolve(provider, localAddress);
        if (number == EnvelopeWriter.Remember)
        {
            if (_references.Count >= EnvelopeWriter.MostReferences)
                return false;
            _references.Add(read);
        }
        return true;
    }

    private bool TryManifest(ref FrameReader reader, out string manifest)
    {
        manifest = "";
        if (!reader.TryNumber(out var number))
            return false;
        if (number == EnvelopeWriter.None)
            return true;
        if (number >= EnvelopeWriter.Known)
        {
            if (number - EnvelopeWriter.Known >= _manifests.Count)
                return false;
            manifest = _manifests[number - EnvelopeWriter.Known];
            return true;
        }
        if (!reader.TryText(out manifest))
            return false;
        if (number == EnvelopeWriter.Remember)
        {
            if (_manifests.Count >= EnvelopeWriter.MostManifests)
                return false;
            _manifests.Add(manifest);
        }
        return true;
    }

    private sealed class Remembered(string path)
    {
        private IInternalActorRef? _resolved;

        public IInternalActorRef Resolve(IRemoteActorRefProvider provider, Address localAddress)
        {
            // Where no actor is, or none any more, there may be one by now.
            if (_resolved is null or { IsTerminated: true })
                _resolved = provider.ResolveActorRefWithLocalAddress(path, localAddress);
            return _resolved;
        }
    }
}
