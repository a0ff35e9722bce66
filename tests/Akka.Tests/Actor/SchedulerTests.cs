using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class SchedulerTests : ActorTest
{
    [Fact]
    public async Task Messages_come_in_the_order_of_their_due_times()
    {
        var probe = NewProbe();
        System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(60), probe.Ref, "third", ActorRefs.NoSender);
        System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(20), probe.Ref, "first", ActorRefs.NoSender);
        System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(40), probe.Ref, "second", ActorRefs.NoSender);
        await probe.Expect("first");
        await probe.Expect("second");
        await probe.Expect("third");
    }

    [Fact]
    public async Task A_delay_is_never_cut_short()
    {
        var probe = NewProbe();
        var before = System.Scheduler.MonotonicClock;
        System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(50), probe.Ref, "due", ActorRefs.NoSender);
        await probe.Expect("due");
        Assert.True(System.Scheduler.MonotonicClock - before >= TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task What_is_called_off_does_not_happen()
    {
        var probe = NewProbe();
        var cancelable = System.Scheduler.ScheduleTellOnceCancelable(
            TimeSpan.FromMilliseconds(20),
            probe.Ref,
            "never",
            ActorRefs.NoSender
        );
        cancelable.Cancel();
        System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(60), probe.Ref, "later", ActorRefs.NoSender);
        await probe.Expect("later");
    }

    [Fact]
    public async Task A_repeated_message_comes_until_called_off()
    {
        var probe = NewProbe();
        var cancelable = System.Scheduler.ScheduleTellRepeatedlyCancelable(
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(5),
            probe.Ref,
            "tick",
            ActorRefs.NoSender
        );
        for (var i = 0; i < 4; i++)
            await probe.Expect("tick");
        cancelable.Cancel();
        Assert.True(cancelable.IsCancellationRequested);
    }

    [Fact]
    public async Task An_action_that_throws_does_not_stop_the_others()
    {
        var ran = new TaskCompletionSource();
        System.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () => throw new InvalidOperationException("asked to"));
        System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(5), ran.SetResult);
        await ran.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task An_action_that_throws_is_not_repeated()
    {
        var runs = 0;
        var later = new TaskCompletionSource();
        System.Scheduler.Advanced.ScheduleRepeatedly(
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(1),
            () =>
            {
                runs++;
                throw new InvalidOperationException("asked to");
            }
        );
        System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(50), later.SetResult);
        await later.Task.WaitAsync(Patience);
        Assert.Equal(1, runs);
    }

    [Fact]
    public void A_linked_cancelable_is_called_off_with_either_it_is_linked_to()
    {
        var one = new Cancelable(System.Scheduler);
        var linked = Cancelable.CreateLinkedCancelable(System.Scheduler, one, new Cancelable(System.Scheduler));
        using var source = new CancellationTokenSource();
        var byToken = Cancelable.CreateLinkedCancelable(System.Scheduler, source.Token);
        Assert.False(linked.IsCancellationRequested || byToken.IsCancellationRequested);
        one.Cancel();
        source.Cancel();
        Assert.True(linked.IsCancellationRequested && byToken.IsCancellationRequested);
    }

    [Fact]
    public void Impossible_times_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(-1), ActorRefs.Nobody, "x", ActorRefs.NoSender)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            System.Scheduler.ScheduleTellRepeatedly(
                TimeSpan.Zero,
                TimeSpan.Zero,
                ActorRefs.Nobody,
                "x",
                ActorRefs.NoSender
            )
        );
    }

    [Fact]
    public async Task A_cancelable_can_be_called_off_later()
    {
        var called = new TaskCompletionSource();
        var cancelable = new Cancelable(System.Scheduler, TimeSpan.FromMilliseconds(10));
        using var registration = cancelable.Token.Register(called.SetResult);
        await called.Task.WaitAsync(Patience);
        Assert.True(cancelable.IsCancellationRequested);
        Assert.True(Cancelable.CreateCanceled().IsCancellationRequested);
    }
}
