using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.TestActors;
using Xunit.Sdk;

namespace Akka.Tests.TestKit;

public sealed class ExpectationTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_watch_can_be_waited_for()
    {
        var probe = CreateTestProbe();
        await WatchAsync(probe.Ref);
        Sys.Stop(probe.Ref);
        ExpectTerminated(probe.Ref);
        var other = await WatchAsync(CreateTestProbe().Ref);
        await UnwatchAsync(other);
        Sys.Stop(other);
        ExpectNoMsg(Soon);
    }

    [Fact]
    public void A_failed_expectation_is_a_failed_assertion_of_truth() =>
        Assert.Throws<TrueException>(() => ExpectMsg<string>(Soon));

    [Fact]
    public void A_message_of_the_type_is_taken()
    {
        TestActor.Tell("x");
        Assert.Equal("x", ExpectMsg<string>());
    }

    [Fact]
    public void Another_type_fails_the_test()
    {
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>());
    }

    [Fact]
    public void Another_value_fails_the_test()
    {
        TestActor.Tell("y");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg("x"));
    }

    [Fact]
    public void No_message_in_time_fails_the_test() =>
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<string>(Soon, "the hint"));

    [Fact]
    public void A_predicate_has_to_hold()
    {
        TestActor.Tell(1);
        TestActor.Tell(1);
        Assert.Equal(1, ExpectMsg<int>(i => i == 1));
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>(i => i == 2));
    }

    [Fact]
    public async Task A_message_is_awaited()
    {
        TestActor.Tell("x");
        Assert.Equal("x", await ExpectMsgAsync<string>());
    }

    [Fact]
    public void The_test_actor_is_the_sender_of_what_the_test_tells()
    {
        var probe = CreateTestProbe();
        probe.Ref.Tell("x");
        probe.ExpectMsg("x");
        Assert.Equal(TestActor, probe.LastSender);
    }

    [Fact]
    public async Task It_still_is_after_an_await()
    {
        await Task.Yield();
        var probe = CreateTestProbe();
        probe.Ref.Tell("x");
        await probe.ExpectMsgAsync("x");
        Assert.Equal(TestActor, probe.LastSender);
    }

    [Fact]
    public void Silence_can_be_expected()
    {
        ExpectNoMsg(Soon);
        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectNoMsg(Soon));
    }

    [Fact]
    public void Messages_can_be_expected_in_any_order()
    {
        foreach (var i in new[] { 3, 1, 2 })
            TestActor.Tell(i);
        ExpectMsgAllOf(1, 2, 3);
    }

    [Fact]
    public void One_that_is_missing_fails_the_test()
    {
        TestActor.Tell(1);
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsgAllOf(1, 2));
    }

    [Fact]
    public void Fishing_passes_over_other_messages()
    {
        TestActor.Tell("x");
        TestActor.Tell(1);
        TestActor.Tell(2);
        Assert.Equal(2, FishForMessage<int>(i => i == 2));
    }

    [Fact]
    public void Messages_are_received_while_they_fit_and_the_next_one_stays()
    {
        TestActor.Tell("a");
        TestActor.Tell("b");
        TestActor.Tell(1);
        Assert.Equal(["a", "b"], ReceiveWhile<string>(m => m as string));
        ExpectMsg(1);
    }

    [Fact]
    public void A_number_of_messages_is_received()
    {
        TestActor.Tell(1);
        TestActor.Tell(2);
        Assert.Equal([1, 2], ReceiveN(2));
    }

    [Fact]
    public void Receiving_one_gives_null_when_none_comes() => Assert.Null(ReceiveOne(Soon));

    [Fact]
    public void The_end_of_a_watched_actor_is_seen()
    {
        var actor = ActorOf(BlackHoleActor.Props);
        Watch(actor);
        Sys.Stop(actor);
        Assert.Equal(actor, ExpectTerminated(actor).ActorRef);
    }

    [Fact]
    public void Ignored_messages_are_not_seen()
    {
        IgnoreMessages<string>();
        TestActor.Tell("x");
        TestActor.Tell(1);
        ExpectMsg(1);
        IgnoreNoMessages();
        TestActor.Tell("x");
        ExpectMsg("x");
    }

    [Fact]
    public void An_auto_pilot_answers()
    {
        var probe = CreateTestProbe();
        probe.SetAutoPilot(
            new DelegateAutoPilot(
                (sender, message) =>
                {
                    sender.Tell($"{message} to you", ActorRefs.NoSender);
                    return AutoPilot.KeepRunning;
                }
            )
        );
        probe.Ref.Tell("hello");
        ExpectMsg("hello to you");
        probe.ExpectMsg("hello");
    }

    [Fact]
    public void A_probe_sends_replies_and_forwards_in_its_name()
    {
        var one = CreateTestProbe();
        var other = CreateTestProbe();
        one.Send(other.Ref, "ping");
        other.ExpectMsg("ping");
        other.Reply("pong");
        one.ExpectMsg("pong");
        other.Forward(TestActor);
        ExpectMsg("ping");
        Assert.Equal(one.Ref, LastSender);
    }

    [Fact]
    public void A_block_that_ends_in_time_passes() => Within(TimeSpan.FromSeconds(3), () => TestActor.Tell("x"));

    [Fact]
    public void Expectations_in_a_block_have_what_is_left_of_its_time()
    {
        var max = TimeSpan.FromSeconds(1);
        Within(max, () => Assert.InRange(RemainingOrDefault, TimeSpan.Zero, max));
        Assert.True(RemainingOrDefault > max);
    }

    [Fact]
    public void A_block_that_ends_too_soon_fails() =>
        Assert.ThrowsAny<XunitException>(() => Within(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), () => { }));

    [Fact]
    public void A_condition_is_waited_for()
    {
        var asked = 0;
        AwaitCondition(() => ++asked == 3, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, asked);
    }

    [Fact]
    public void A_condition_that_never_holds_fails() =>
        Assert.ThrowsAny<XunitException>(() => AwaitCondition(() => false, Soon));

    [Fact]
    public async Task An_assertion_is_waited_for()
    {
        var asked = 0;
        await AwaitAssertAsync(() => Assert.Equal(3, ++asked), interval: TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void An_assertion_that_never_holds_fails_with_its_own_words()
    {
        var error = Assert.Throws<InvalidDataException>(() =>
            AwaitAssert(() => throw new InvalidDataException("mine"), Soon)
        );
        Assert.Equal("mine", error.Message);
    }

    [Fact]
    public void A_latch_opens_when_it_was_counted_down()
    {
        var latch = CreateTestLatch(2);
        latch.CountDown();
        Assert.False(latch.IsOpen);
        latch.CountDown();
        latch.Ready();
    }

    [Fact]
    public void A_latch_that_stays_closed_is_an_error() =>
        Assert.Throws<TimeoutException>(() => CreateTestLatch().Ready(Soon));
}
