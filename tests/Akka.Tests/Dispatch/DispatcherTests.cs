using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Tests.Dispatch;

public sealed class DispatcherTests()
    : ActorTest(
        """
        own-threads { type = ForkJoinDispatcher, throughput = 5, dedicated-thread-pool.thread-count = 1 }
        fork-join { type = Dispatcher, executor = fork-join-executor, throughput = 100 }
        pinned { type = PinnedDispatcher }
        two-messages { mailbox-type = "Akka.Dispatch.BoundedMailbox", mailbox-capacity = 2, mailbox-push-timeout-time = 0s }
        akka.actor.deployment."/deployed".dispatcher = pinned
        """
    )
{
    [Fact]
    public async Task An_actor_gives_its_thread_up_after_as_many_messages_as_the_throughput_says()
    {
        // One thread, two actors whose mailboxes are full before either runs: they take turns of five.
        using var gate = new SemaphoreSlim(0);
        var order = new List<string>();
        var done = new TaskCompletionSource();
        Action<object, IActorContext> note = (message, context) =>
        {
            if (message is "block")
                gate.Wait();
            else
                order.Add(context.Self.Path.Name);
            if (order.Count == 20)
                done.TrySetResult();
        };
        var blocker = On("own-threads", note, "blocker");
        blocker.Tell("block");
        var a = On("own-threads", note, "a");
        var b = On("own-threads", note, "b");
        for (var i = 0; i < 10; i++)
        {
            a.Tell(i);
            b.Tell(i);
        }
        gate.Release();
        await done.Task.WaitAsync(Patience);
        Assert.Equal("aaaaabbbbbaaaaabbbbb", string.Concat(order));
    }

    [Theory]
    [InlineData("own-threads")]
    [InlineData("fork-join")]
    [InlineData("pinned")]
    [InlineData("akka.actor.default-dispatcher")]
    public async Task Actors_run_on_every_kind_of_dispatcher(string dispatcher)
    {
        var actor = On(dispatcher, (message, context) => context.Sender.Tell(message), null);
        Assert.Equal("here", await actor.Ask<string>("here", Patience));
    }

    [Fact]
    public async Task A_pinned_actor_stays_on_one_thread_of_its_own()
    {
        var first = On("pinned", (_, context) => context.Sender.Tell(Environment.CurrentManagedThreadId), null);
        var second = On("pinned", (_, context) => context.Sender.Tell(Environment.CurrentManagedThreadId), null);
        var seen = new HashSet<int>();
        for (var i = 0; i < 20; i++)
            seen.Add(await first.Ask<int>(i, Patience));
        Assert.Single(seen);
        Assert.DoesNotContain(await second.Ask<int>(0, Patience), seen);
    }

    [Fact]
    public async Task The_configuration_of_a_path_chooses_the_dispatcher()
    {
        var actor = System.ActorOf(
            Props.Create(
                typeof(Inline),
                (Action<object, IActorContext>)((_, context) => context.Sender.Tell(context.Props.Dispatcher))
            ),
            "deployed"
        );
        Assert.Equal("pinned", await actor.Ask<string>("which?", Patience));
    }

    [Fact]
    public void A_dispatcher_that_is_not_configured_is_refused() =>
        Assert.Throws<ConfigurationException>(() => On("no-such", (_, _) => { }, null));

    [Fact]
    public async Task A_bounded_mailbox_gives_what_does_not_fit_to_dead_letters()
    {
        var probe = NewProbe();
        System.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        using var gate = new SemaphoreSlim(0);
        using var entered = new SemaphoreSlim(0);
        var actor = System.ActorOf(
            Props
                .Create(
                    typeof(Inline),
                    (Action<object, IActorContext>)(
                        (_, _) =>
                        {
                            entered.Release();
                            gate.Wait();
                        }
                    )
                )
                .WithMailbox("two-messages")
        );
        actor.Tell(0);
        await entered.WaitAsync(Patience);
        for (var i = 1; i <= 3; i++)
            actor.Tell(i);
        Assert.Equal(3, (await probe.Next<DeadLetter>()).Message);
        gate.Release(3);
    }

    private IActorRef On(string dispatcher, Action<object, IActorContext> handle, string? name) =>
        System.ActorOf(Props.Create(typeof(Inline), handle).WithDispatcher(dispatcher), name);
}
