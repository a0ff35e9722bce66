using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class TimersTests : ActorTest
{
    [Fact]
    public async Task A_constructor_may_start_timers()
    {
        var probe = NewProbe();
        System.ActorOf(Props.Create(() => new Early(probe.Ref)));
        await probe.Expect("tick");
    }

    [Fact]
    public async Task A_single_timer_fires_once()
    {
        var probe = NewProbe();
        var timed = System.ActorOf(Props.Create(() => new Timed(probe.Ref)));
        timed.Tell(new Timed.Do(timers => timers.StartSingleTimer("k", "tick", TimeSpan.FromMilliseconds(10))));
        await probe.Expect("tick");
        timed.Tell(new Timed.Do(timers => probe.Ref.Tell(timers.IsTimerActive("k"))));
        await probe.Expect(false);
    }

    [Fact]
    public async Task A_periodic_timer_fires_until_cancelled()
    {
        var probe = NewProbe();
        var timed = System.ActorOf(Props.Create(() => new Timed(probe.Ref)));
        timed.Tell(new Timed.Do(timers => timers.StartPeriodicTimer("k", "tick", TimeSpan.FromMilliseconds(5))));
        for (var i = 0; i < 3; i++)
            await probe.Expect("tick");
        timed.Tell(
            new Timed.Do(timers =>
            {
                timers.Cancel("k");
                probe.Ref.Tell("cancelled");
            })
        );
        while (!(await probe.Next<object>()).Equals("cancelled")) { }
        timed.Tell(new Timed.Do(timers => timers.StartSingleTimer("l", "later", TimeSpan.FromMilliseconds(30))));
        await probe.Expect("later");
    }

    [Fact]
    public async Task A_cancelled_timer_gives_nothing_even_when_its_tick_is_already_in_the_mailbox()
    {
        var probe = NewProbe();
        var timed = System.ActorOf(Props.Create(() => new Timed(probe.Ref)));
        using var due = new SemaphoreSlim(0);
        timed.Tell(
            new Timed.Do(timers =>
            {
                timers.StartSingleTimer("k", "tick", TimeSpan.FromMilliseconds(1));
                System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(20), () => due.Release());
                due.Wait();
                timers.Cancel("k");
            })
        );
        timed.Tell(new Timed.Do(_ => probe.Ref.Tell("after")));
        await probe.Expect("after");
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task A_new_timer_of_the_same_key_replaces_the_old()
    {
        var probe = NewProbe();
        var timed = System.ActorOf(Props.Create(() => new Timed(probe.Ref)));
        timed.Tell(
            new Timed.Do(timers =>
            {
                timers.StartSingleTimer("k", "old", TimeSpan.FromMilliseconds(1));
                timers.StartSingleTimer("k", "new", TimeSpan.FromMilliseconds(20));
            })
        );
        await probe.Expect("new");
    }

    [Fact]
    public async Task Timers_end_with_a_restart()
    {
        var probe = NewProbe();
        var timed = System.ActorOf(Props.Create(() => new Timed(probe.Ref)));
        timed.Tell(
            new Timed.Do(timers =>
            {
                timers.StartSingleTimer("k", "old", TimeSpan.FromMilliseconds(1));
                throw new InvalidOperationException("asked to");
            })
        );
        timed.Tell(new Timed.Do(timers => timers.StartSingleTimer("l", "fresh", TimeSpan.FromMilliseconds(30))));
        await probe.Expect("fresh");
    }

    [Fact]
    public async Task Receive_timeout_comes_after_silence_and_again_until_switched_off()
    {
        var probe = NewProbe();
        var quiet = Spawn(
            (message, context) =>
            {
                switch (message)
                {
                    case TimeSpan timeout:
                        context.SetReceiveTimeout(timeout);
                        break;
                    case "off":
                        context.SetReceiveTimeout(null);
                        probe.Ref.Tell("off");
                        break;
                    case ReceiveTimeout:
                        probe.Ref.Tell("quiet");
                        break;
                }
            }
        );
        quiet.Tell(TimeSpan.FromMilliseconds(10));
        await probe.Expect("quiet");
        await probe.Expect("quiet");
        quiet.Tell("off");
        while (!(await probe.Next<object>()).Equals("off")) { }
    }

    [Fact]
    public async Task Messages_that_do_not_count_do_not_put_the_receive_timeout_off()
    {
        var probe = NewProbe();
        var quiet = Spawn(
            (message, context) =>
            {
                if (message is TimeSpan timeout)
                    context.SetReceiveTimeout(timeout);
                if (message is ReceiveTimeout)
                    probe.Ref.Tell("quiet");
            }
        );
        quiet.Tell(TimeSpan.FromMilliseconds(50));
        var chatter = System.Scheduler.ScheduleTellRepeatedlyCancelable(
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(5),
            quiet,
            new Uncounted(),
            ActorRefs.NoSender
        );
        await probe.Expect("quiet");
        chatter.Cancel();
    }

    private sealed record Uncounted : INotInfluenceReceiveTimeout;

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef probe)
        {
            Receive<Do>(command => command.Action(Timers));
            ReceiveAny(message => probe.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        public sealed record Do(Action<ITimerScheduler> Action);
    }

    private sealed class Early : ReceiveActor, IWithTimers
    {
        public Early(IActorRef probe)
        {
            Timers.StartSingleTimer("key", "tick", TimeSpan.Zero);
            ReceiveAny(message => probe.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
