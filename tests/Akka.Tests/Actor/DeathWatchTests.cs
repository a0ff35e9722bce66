using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class DeathWatchTests : ActorTest
{
    private sealed record Watching(IActorRef Subject, object? With = null);

    private sealed record Unwatching(IActorRef Subject);

    [Fact]
    public async Task An_end_can_be_waited_for_outside_actors()
    {
        var actor = Spawn((_, _) => { });
        using var enough = new CancellationTokenSource();
        var calledOff = actor.WatchAsync(enough.Token);
        var watched = actor.WatchAsync();
        await enough.CancelAsync();
        Assert.False(await calledOff.WaitAsync(Patience));
        System.Stop(actor);
        Assert.True(await watched.WaitAsync(Patience));
        Assert.True(await actor.WatchAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_watcher_hears_once_of_a_death()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        await probe.Watch(subject);
        await probe.Watch(subject);
        await subject.GracefulStop(Patience);

        Assert.Equal(subject, (await probe.Next<Terminated>()).ActorRef);
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task Whoever_watches_the_dead_hears_of_it()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        await subject.GracefulStop(Patience);
        await probe.Watch(subject);
        Assert.Equal(subject, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task Nothing_comes_after_the_watch_was_taken_back()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        var watcher = Watcher(probe);
        await watcher.Ask(new Watching(subject), Patience);
        await watcher.Ask(new Unwatching(subject), Patience);
        await subject.GracefulStop(Patience);
        await watcher.Ask("sync", Patience);
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task A_watch_taken_back_while_the_notice_waits_in_the_mailbox_gives_nothing()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        using var gate = new SemaphoreSlim(0);
        var watcher = Spawn(
            (message, context) =>
            {
                switch (message)
                {
                    case Watching watching:
                        context.Watch(watching.Subject);
                        context.Sender.Tell(Done.Instance);
                        gate.Wait();
                        context.Unwatch(watching.Subject);
                        break;
                    default:
                        probe.Ref.Tell(message is Terminated gone ? gone.ActorRef : message);
                        break;
                }
            }
        );
        await watcher.Ask<Done>(new Watching(subject), Patience);
        await subject.GracefulStop(Patience);
        gate.Release();
        watcher.Tell("last");
        await probe.Expect("last");
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task A_watcher_may_choose_the_message()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        var watcher = Watcher(probe);
        await watcher.Ask(new Watching(subject, "gone"), Patience);
        await subject.GracefulStop(Patience);
        await probe.Expect("gone");
    }

    [Fact]
    public async Task A_second_watch_with_another_message_is_refused()
    {
        var subject = Spawn((_, _) => { });
        var watcher = Watcher(NewProbe());
        await watcher.Ask(new Watching(subject, "gone"), Patience);
        Assert.IsType<InvalidOperationException>(await watcher.Ask(new Watching(subject, "other"), Patience));
    }

    [Fact]
    public async Task Not_handling_the_death_of_the_watched_stops_the_watcher()
    {
        var probe = NewProbe();
        var subject = Spawn((_, _) => { });
        var watcher = System.ActorOf(Props.Create(() => new Deaf(subject)));
        await probe.Watch(watcher);
        await watcher.Ask("ready", Patience);
        subject.Tell(PoisonPill.Instance);
        Assert.Equal(watcher, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task A_watched_child_reports_its_death_once()
    {
        var probe = NewProbe();
        var parent = Spawn(
            (message, context) =>
            {
                if (message is Props props)
                    context.Sender.Tell(context.Watch(context.ActorOf(props, "child")));
                else
                    probe.Ref.Tell(message is Terminated gone ? gone.ActorRef : message);
            }
        );
        var props = Props.Create(typeof(Inline), (Action<object, IActorContext>)((_, _) => { }));
        var child = await parent.Ask<IActorRef>(props, Patience);
        child.Tell(PoisonPill.Instance);
        await probe.Expect(child);

        // The name is free again, and the new incarnation is somebody else.
        var again = await parent.Ask<IActorRef>(props, Patience);
        Assert.Equal(child.Path, again.Path);
        Assert.NotEqual(child, again);
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task Stops_and_watches_at_the_same_time_always_end_in_one_notice()
    {
        var probe = NewProbe();
        for (var i = 0; i < 500; i++)
        {
            var subject = Spawn((_, _) => { });
            var watching = probe.Watch(subject);
            System.Stop(subject);
            await watching;
            Assert.Equal(subject, (await probe.Next<Terminated>()).ActorRef);
        }
        await probe.ExpectNothingBefore("mark");
    }

    private IActorRef Watcher(Probe probe) =>
        Spawn(
            (message, context) =>
            {
                switch (message)
                {
                    case Watching watching:
                        try
                        {
                            if (watching.With is null)
                                context.Watch(watching.Subject);
                            else
                                context.WatchWith(watching.Subject, watching.With);
                            context.Sender.Tell(Done.Instance);
                        }
                        catch (InvalidOperationException refused)
                        {
                            context.Sender.Tell(refused);
                        }
                        break;
                    case Unwatching unwatching:
                        context.Unwatch(unwatching.Subject);
                        context.Sender.Tell(Done.Instance);
                        break;
                    case "sync":
                        context.Sender.Tell(Done.Instance);
                        break;
                    default:
                        probe.Ref.Tell(message is Terminated gone ? gone.ActorRef : message);
                        break;
                }
            }
        );

    private sealed class Deaf : ReceiveActor
    {
        public Deaf(IActorRef subject)
        {
            Context.Watch(subject);
            Receive<string>(message => Sender.Tell(message));
        }
    }
}
