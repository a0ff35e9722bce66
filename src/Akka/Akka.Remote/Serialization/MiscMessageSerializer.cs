using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>Messages of the engine that programs send, references by themselves, and heartbeats.</summary>
public sealed class MiscMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string IdentifyManifest = "ID";
    private const string ActorIdentityManifest = "AID";
    private const string ActorRefManifest = "AR";
    private const string AddressManifest = "AD";
    private const string PoisonPillManifest = "PP";
    private const string KillManifest = "K";
    private const string StatusSuccessManifest = "SS";
    private const string StatusFailureManifest = "SF";
    private const string HeartbeatManifest = "RWHB";
    private const string HeartbeatRspManifest = "RWHR";

    private static readonly byte[] Nothing = [];

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            Identify => IdentifyManifest,
            ActorIdentity => ActorIdentityManifest,
            IActorRef => ActorRefManifest,
            Address => AddressManifest,
            PoisonPill => PoisonPillManifest,
            Kill => KillManifest,
            Status.Success => StatusSuccessManifest,
            Status.Failure => StatusFailureManifest,
            RemoteWatcher.Heartbeat => HeartbeatManifest,
            RemoteWatcher.HeartbeatRsp => HeartbeatRspManifest,
            _ => throw Unknown(o),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        if (obj is PoisonPill or Kill or RemoteWatcher.Heartbeat)
            return Nothing;
        var buffer = new FrameBuffer(128);
        switch (obj)
        {
            case Identify identify:
                buffer.Message(system, identify.MessageId);
                break;
            case ActorIdentity identity:
                buffer.Message(system, identity.MessageId);
                buffer.Reference(identity.Subject);
                break;
            case IActorRef reference:
                buffer.Reference(reference);
                break;
            case Address address:
                buffer.Text(address.ToString());
                break;
            case Status.Success success:
                buffer.Message(system, success.Status);
                break;
            case Status.Failure failure:
                buffer.Exception(failure.Cause);
                buffer.Message(system, failure.State);
                break;
            case RemoteWatcher.HeartbeatRsp answer:
                buffer.Int32(answer.AddressUid);
                break;
            default:
                throw Unknown(obj);
        }
        return buffer.Written.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new FrameReader(bytes);
        switch (manifest)
        {
            case PoisonPillManifest:
                return PoisonPill.Instance;
            case KillManifest:
                return Kill.Instance;
            case HeartbeatManifest:
                return RemoteWatcher.Heartbeat.Instance;
            case HeartbeatRspManifest when reader.TryInt32(out var uid):
                return new RemoteWatcher.HeartbeatRsp(uid);
            case IdentifyManifest:
                return new Identify(reader.Message(system)!);
            case ActorIdentityManifest:
                return new ActorIdentity(reader.Message(system)!, reader.Reference(system));
            case ActorRefManifest:
                return reader.Reference(system) ?? ActorRefs.Nobody;
            case AddressManifest when reader.TryText(out var text) && Address.TryParse(text, out var address):
                return address;
            case StatusSuccessManifest:
                return new Status.Success(reader.Message(system));
            case StatusFailureManifest:
                return new Status.Failure(reader.Exception()!, reader.Message(system));
            default:
                throw Payload.Malformed();
        }
    }

    private static ArgumentException Unknown(object obj) =>
        new($"{obj.GetType()} is no message of this serializer", nameof(obj));
}
