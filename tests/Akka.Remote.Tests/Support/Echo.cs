using Akka.Actor;

namespace Akka.Remote.Tests.Support;

/// <summary>Sends back what it gets.</summary>
internal sealed class Echo : ReceiveActor
{
    public Echo() => ReceiveAny(message => Sender.Tell(message));
}
