using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote.Associations;

/// <summary>Hands messages of other systems to their receivers.</summary>
internal sealed class InboundDispatcher(
    ExtendedActorSystem system,
    IRemoteActorRefProvider provider,
    ILoggingAdapter log
)
{
    private readonly RemoteSettings _settings = provider.RemoteSettings;
    private readonly RateLimitedLog _undeserialisable = new(log);
    private readonly RateLimitedLog _refused = new(log);

    public void Dispatch(InboundEnvelope envelope, Address from)
    {
        object? message;
        try
        {
            message = system.Serialization.Deserialize(
                envelope.Payload.ToArray(),
                envelope.SerializerId,
                envelope.Manifest
            );
        }
        catch (Exception cause)
        {
            _undeserialisable.Write(
                LogLevel.WarningLevel,
                $"message for {envelope.Recipient.Path} from {from} dropped: serializer {envelope.SerializerId} cannot read its {envelope.Payload.Length} bytes with manifest '{envelope.Manifest}': {cause.Message}"
            );
            return;
        }
        if (message is not null)
            Dispatch(envelope.Recipient, envelope.Sender, message, from);
    }

    private void Dispatch(IInternalActorRef recipient, IActorRef? sender, object message, Address from)
    {
        if (_settings.LogReceive)
            log.Debug("received remote message {0} for {1} from {2}", message.GetType(), recipient.Path, sender);
        if (_settings.UntrustedMode && !IsHarmless(recipient, message))
        {
            _refused.Write(
                LogLevel.DebugLevel,
                $"operating in UntrustedMode, dropping inbound {message.GetType().Name} from {from}"
            );
            return;
        }
        switch (message)
        {
            case ISystemMessage systemMessage:
                recipient.SendSystemMessage(systemMessage);
                break;
            case ActorSelectionMessage selection when recipient.IsLocal:
                ActorSelectionDelivery.Deliver(recipient, sender, selection);
                break;
            default:
                recipient.Tell(message, sender);
                break;
        }
    }

    private bool IsHarmless(IInternalActorRef recipient, object message) =>
        message switch
        {
            ActorSelectionMessage selection => selection.Message is not IPossiblyHarmful
                && selection.Elements.All(element => element is SelectChildName)
                && recipient.Path.Depth == 0
                && _settings.TrustedSelectionPaths.Contains("/" + string.Join('/', (object[])selection.Elements)),
            ISystemMessage or IPossiblyHarmful => false,
            _ => true,
        };
}
