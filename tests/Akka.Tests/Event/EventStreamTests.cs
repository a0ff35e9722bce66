using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Event;

public sealed class EventStreamTests : ActorTest
{
    private record Base(int Number);

    private sealed record Derived(int Number) : Base(Number);

    [Fact]
    public async Task A_type_can_be_left_out_of_a_subscription_to_the_one_above_it()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(Exception));
        Assert.True(System.EventStream.Unsubscribe(probe.Ref, typeof(IOException)));
        System.EventStream.Publish(new FileNotFoundException());
        System.EventStream.Publish(new InvalidDataException());
        await probe.Next<InvalidDataException>();
        System.EventStream.Subscribe(probe.Ref, typeof(Exception));
        System.EventStream.Publish(new FileNotFoundException());
        await probe.Next<FileNotFoundException>();
    }

    [Fact]
    public void Nobody_cannot_unsubscribe()
    {
        Assert.Throws<ArgumentNullException>(() => System.EventStream.Unsubscribe(null!));
        Assert.Throws<ArgumentNullException>(() => System.EventStream.Unsubscribe(null!, typeof(string)));
    }

    [Fact]
    public async Task A_subscriber_gets_events_of_its_type_and_of_derived_ones()
    {
        var probe = NewProbe();
        Assert.True(System.EventStream.Subscribe(probe.Ref, typeof(Base)));
        Assert.False(System.EventStream.Subscribe(probe.Ref, typeof(Base)));
        System.EventStream.Publish("not this");
        System.EventStream.Publish(new Base(1));
        System.EventStream.Publish(new Derived(2));
        await probe.Expect(new Base(1));
        await probe.Expect(new Derived(2));
    }

    [Fact]
    public async Task Nothing_comes_after_unsubscribing()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(Base));
        Assert.True(System.EventStream.Unsubscribe(probe.Ref, typeof(Base)));
        Assert.False(System.EventStream.Unsubscribe(probe.Ref));
        System.EventStream.Publish(new Base(1));
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task A_message_to_a_stopped_actor_is_published_as_a_dead_letter()
    {
        var probe = NewProbe();
        var gone = Spawn((_, _) => { });
        await gone.GracefulStop(Patience);
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        gone.Tell("lost", probe.Ref);
        var letter = await probe.Next<DeadLetter>();
        Assert.Equal(("lost", gone, probe.Ref), (letter.Message, letter.Recipient, letter.Sender));
    }

    [Fact]
    public async Task What_waits_in_the_mailbox_of_an_actor_that_stops_is_published_as_dead_letters()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        using var gate = new SemaphoreSlim(0);
        var stopping = Spawn(
            (_, context) =>
            {
                gate.Wait();
                context.Stop(context.Self);
            }
        );
        stopping.Tell("first");
        stopping.Tell("second");
        stopping.Tell("third");
        gate.Release();
        Assert.Equal("second", (await probe.Next<DeadLetter>()).Message);
        Assert.Equal("third", (await probe.Next<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_message_that_no_handler_takes_is_published_as_unhandled()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(UnhandledMessage));
        var choosy = System.ActorOf(Props.Create(() => new Choosy()));
        choosy.Tell("what?", probe.Ref);
        var unhandled = await probe.Next<UnhandledMessage>();
        Assert.Equal(("what?", choosy), (unhandled.Message, unhandled.Recipient));
    }

    [Fact]
    public async Task The_death_of_an_actor_that_nobody_watches_makes_no_dead_letters()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        var gone = Spawn((_, _) => { });
        await gone.GracefulStop(Patience);
        gone.Tell(PoisonPill.Instance);
        await probe.ExpectNothingBefore("mark");
    }

    private sealed class Choosy : ReceiveActor
    {
        public Choosy() => Receive<int>(_ => { });
    }
}
