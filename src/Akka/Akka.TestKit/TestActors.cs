using Akka.Actor;

namespace Akka.TestKit.TestActors;

/// <summary>Sends every message back, and to the test actor too.</summary>
public class EchoActor : ReceiveActor
{
    /// <param name="testkit">Whose test actor gets the messages.</param>
    /// <param name="echoBackToSenderAsWell">Whether the sender gets them too.</param>
    public EchoActor(TestKitBase testkit, bool echoBackToSenderAsWell = true)
    {
        var testActor = testkit.TestActor;
        ReceiveAny(message =>
        {
            if (echoBackToSenderAsWell && !Sender.Equals(testActor))
                Sender.Tell(message, Self);
            testActor.Tell(message, Sender);
        });
    }

    public static Props Props(TestKitBase testkit, bool echoBackToSenderAsWell = true) =>
        Actor.Props.Create(() => new EchoActor(testkit, echoBackToSenderAsWell));
}

/// <summary>Takes every message and does nothing.</summary>
public class BlackHoleActor : ActorBase
{
    public static Props Props => Actor.Props.Create(() => new BlackHoleActor());

    protected override bool Receive(object message) => true;
}
