using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Event;

public sealed class DeadLetterListenerTests : ActorTest
{
    public DeadLetterListenerTests()
        : base(
            """
            akka.log-dead-letters = 2
            akka.log-dead-letters-suspend-duration = 300ms
            """
        ) { }

    [Fact]
    public async Task After_the_allowed_number_it_is_silent_for_a_time_and_counts_what_it_left_out()
    {
        var probe = await ProbeOfTheLog();
        System.DeadLetters.Tell(1);
        System.DeadLetters.Tell(2);
        System.DeadLetters.Tell(3);
        await Starts(
            probe,
            "Message [Int32] to [akka://test/deadLetters] was not delivered. [1] dead letters encountered. "
        );
        var last = await probe.Next<Info>();
        Assert.Contains(
            "[2] dead letters encountered, no more dead letters will be logged in next",
            last.Message.ToString(),
            StringComparison.Ordinal
        );
        var spoken = default(string);
        while (spoken is null)
        {
            System.DeadLetters.Tell(4);
            System.EventStream.Publish(new Info("test", typeof(object), "mark"));
            spoken = (await probe.Next<Info>()).Message.ToString() is { } text && text != "mark" ? text : null;
        }
        Assert.Matches(@"of which \d+ were not logged\. The counter will be reset now", spoken);
    }

    [Fact]
    public async Task It_also_tells_of_messages_that_were_dropped_or_not_handled()
    {
        var probe = await ProbeOfTheLog();
        var deaf = System.ActorOf(Props.Create(() => new Deaf()), "deaf");
        System.EventStream.Publish(new Dropped(1, "too much of it", deaf));
        await Starts(probe, $"Message [Int32] to {deaf} was dropped. too much of it. [1] dead letters encountered");
        deaf.Tell("x", probe.Ref);
        await Starts(probe, $"Message [String] from {probe.Ref} to {deaf} was unhandled. [2] dead letters encountered");
    }

    [Fact]
    public async Task A_wrapped_message_is_named_by_what_it_holds_and_by_its_wrapping()
    {
        var probe = await ProbeOfTheLog();
        System.DeadLetters.Tell(new Parcel("x"));
        await Starts(probe, "Message [String] wrapped in [$Parcel] to [akka://test/deadLetters] was not delivered. ");
    }

    [Fact]
    public async Task A_suppressed_letter_to_the_dead_names_the_dead_letters_as_where_it_went()
    {
        var probe = NewProbe();
        var gone = Spawn((_, _) => { });
        await gone.GracefulStop(Patience);
        System.EventStream.Subscribe(probe.Ref, typeof(AllDeadLetters));
        gone.Tell(new Unimportant(), probe.Ref);
        var letter = await probe.Next<SuppressedDeadLetter>();
        Assert.Equal((System.DeadLetters, probe.Ref), (letter.Recipient, letter.Sender));
        System.ActorSelection(gone.Path).Tell(new Unimportant(), probe.Ref);
        Assert.IsType<Unimportant>((await probe.Next<SuppressedDeadLetter>()).Message);
    }

    private async Task<Probe> ProbeOfTheLog()
    {
        // It has subscribed by the time it answers.
        await System.ActorSelection("/system/deadLetterListener").ResolveOne(Patience);
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(Info));
        return probe;
    }

    private static async Task Starts(Probe probe, string text) =>
        Assert.StartsWith(text, (await probe.Next<Info>()).Message.ToString(), StringComparison.Ordinal);

    private sealed class Deaf : ReceiveActor;

    private sealed record Parcel(object Message) : IWrappedMessage;

    private sealed record Unimportant : IDeadLetterSuppression;
}
