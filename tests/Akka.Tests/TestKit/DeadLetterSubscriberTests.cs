using Akka.Actor;
using Akka.Event;
using Akka.TestKit.TestActors;

namespace Akka.Tests.TestKit;

public sealed class DeadLetterSubscriberTests : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void A_subscriber_to_dead_letters_may_end()
    {
        var subscriber = ActorOf(BlackHoleActor.Props);
        Watch(subscriber);
        Sys.EventStream.Subscribe(subscriber, typeof(DeadLetter));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.Stop(subscriber);
        ExpectTerminated(subscriber);
        subscriber.Tell("too late");
        Assert.Equal("too late", ExpectMsg<DeadLetter>().Message);
        ExpectNoMsg(50);
    }
}
