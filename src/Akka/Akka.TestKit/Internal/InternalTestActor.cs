using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>The actor behind a test kit: hands its messages to the test.</summary>
internal sealed class InternalTestActor(ReceivedMessages received) : ActorBase
{
    private TestActor.Ignore? ignore;
    private AutoPilot autoPilot = NoAutoPilot.Instance;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case TestActor.SetIgnore set:
                ignore = set.Ignore;
                return true;
            case TestActor.Watch watch:
                Context.Watch(watch.Actor);
                return true;
            case TestActor.Unwatch unwatch:
                Context.Unwatch(unwatch.Actor);
                return true;
            case TestActor.SetAutoPilot set:
                autoPilot = set.AutoPilot;
                return true;
        }
        var sender = Sender;
        var next = autoPilot.Run(sender, message);
        if (next is not KeepRunning)
            autoPilot = next;
        if (ignore?.Invoke(message) != true)
            received.Add(new RealMessageEnvelope(message, sender));
        return true;
    }
}
