namespace Akka.Actor;

public partial class ActorCell
{
    /// <summary>Lets the actor handle a message on this thread, at once; what it throws goes to the caller.</summary>
    internal void ReceiveMessageForTest(Envelope envelope)
    {
        var (outerCell, outerEnvelope) = (_current, _envelope);
        (_current, _envelope) = (this, envelope);
        try
        {
            if (envelope.Message is IAutoReceivedMessage)
                AutoReceive(envelope);
            else
                ReceiveMessage(envelope.Message);
        }
        finally
        {
            (_current, _envelope) = (outerCell, outerEnvelope);
        }
    }
}
