using Akka.Actor;
using Akka.TestKit;

namespace Akka.Tests.TestKit;

public sealed class TestActorRefTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Counter : ReceiveActor
    {
        public Counter()
        {
            Receive<int>(i => Sum += i);
            Receive<string>(text => Sender.Tell(text.Length));
            Receive<Exception>(e => throw e);
        }

        public int Sum { get; private set; }
    }

    private readonly TestActorRef<Counter> counter;

    public TestActorRefTests() => counter = ActorOfAsTestActorRef<Counter>("counter");

    [Fact]
    public void A_message_is_handled_when_tell_returns()
    {
        counter.Tell(2);
        counter.Tell(3);
        Assert.Equal(5, counter.UnderlyingActor.Sum);
    }

    [Fact]
    public void It_answers_like_any_actor()
    {
        counter.Tell("four", TestActor);
        ExpectMsg(4);
    }

    [Fact]
    public void What_it_throws_on_receive_goes_to_the_test() =>
        Assert.Throws<InvalidDataException>(() => counter.Receive(new InvalidDataException("mine")));

    [Fact]
    public void It_stands_below_user() => Assert.Equal("/user/counter", counter.Path.ToStringWithoutAddress());

    [Fact]
    public void It_can_be_watched()
    {
        Watch(counter);
        Sys.Stop(counter);
        ExpectTerminated(counter);
    }
}
