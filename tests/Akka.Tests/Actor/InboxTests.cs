using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class InboxTests : ActorTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private readonly Inbox _inbox;

    public InboxTests()
        : base("akka.actor.inbox.inbox-size = 2") => _inbox = Inbox.Create(System);

    [Fact]
    public void Messages_come_out_in_their_order_or_by_condition()
    {
        _inbox.Receiver.Tell("a");
        _inbox.Receiver.Tell("b");
        Assert.Equal("b", _inbox.ReceiveWhere(message => message is "b", Patience));
        Assert.Equal("a", _inbox.Receive());
    }

    [Fact]
    public async Task Who_waits_gets_the_first_message_that_fits()
    {
        var number = Task.Run(() => _inbox.ReceiveWhere(message => message is int, Patience));
        _inbox.Receiver.Tell(7);
        Assert.Equal(7, await number);
    }

    [Fact]
    public async Task Where_nothing_comes_a_receive_fails()
    {
        Assert.Throws<TimeoutException>(() => _inbox.Receive(Soon));
        var failure = Assert.IsType<Status.Failure>(await _inbox.ReceiveAsync(TimeSpan.FromSeconds(-1)));
        Assert.IsType<TimeoutException>(failure.Cause);
        _inbox.Receiver.Tell("not lost to who gave up");
        Assert.Equal("not lost to who gave up", _inbox.Receive());
    }

    [Fact]
    public void It_watches_and_sends()
    {
        var echo = Spawn((message, context) => context.Sender.Tell(message));
        _inbox.Send(echo, "x");
        Assert.Equal("x", _inbox.Receive());
        _inbox.Watch(echo);
        System.Stop(echo);
        Assert.Equal(echo, Assert.IsType<Terminated>(_inbox.Receive()).ActorRef);
    }

    [Fact]
    public async Task A_full_inbox_drops_what_comes_and_says_so_once()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(Warning));
        foreach (var message in (string[])["a", "b", "c", "d"])
            _inbox.Receiver.Tell(message);
        Assert.StartsWith(
            "Dropping message",
            (await probe.Next<Warning>()).Message.ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal("a", _inbox.Receive());
        Assert.Equal("b", _inbox.Receive());
        Assert.Throws<TimeoutException>(() => _inbox.Receive(Soon));
        await probe.ExpectNothingBefore("mark");
    }
}
