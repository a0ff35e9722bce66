using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class StashTests : ActorTest
{
    [Fact]
    public async Task Nothing_can_be_stashed_outside_a_message()
    {
        var probe = NewProbe();
        var early = System.ActorOf(Props.Create(() => new StashingEarly()));
        await probe.Watch(early);
        await probe.Next<Terminated>();
    }

    [Fact]
    public async Task Unstashed_messages_come_before_newer_ones_in_their_own_order_with_their_senders()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)));
        foreach (var message in (string[])["a", "b", "open", "c"])
            stashing.Tell(message, probe.Ref);
        await probe.Expect("a");
        await probe.Expect("b");
        await probe.Expect("c");
        Assert.Equal(stashing, probe.LastSender);
    }

    [Fact]
    public async Task Unstash_brings_one_message_back()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)));
        foreach (var message in (string[])["a", "b", "open-one", "c"])
            stashing.Tell(message, probe.Ref);
        await probe.Expect("a");
        await probe.Expect("c");
    }

    [Fact]
    public async Task The_end_of_a_watched_actor_may_be_stashed()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new WaitingForTheEnd(probe.Ref)));
        await probe.Expect("watches");
        stashing.Tell("end");
        await probe.Expect("stashed");
        stashing.Tell("open");
        await probe.Expect("ended");
    }

    [Fact]
    public async Task A_message_is_stashed_once_only()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)));
        stashing.Tell("twice", probe.Ref);
        await probe.Expect("refused");
    }

    [Fact]
    public async Task A_full_stash_refuses()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)).WithStashCapacity(2));
        foreach (var message in (string[])["a", "b", "c"])
            stashing.Tell(message, probe.Ref);
        await probe.Expect("full");
    }

    [Fact]
    public async Task A_stash_that_is_declared_unbounded_takes_no_bound()
    {
        var stashing = System.ActorOf(Props.Create(() => new Keeping()).WithStashCapacity(2));
        foreach (var message in (string[])["a", "b", "c"])
            stashing.Tell(message);
        Assert.Equal("3 of -1", await stashing.Ask<string>(0, Patience));
    }

    [Fact]
    public async Task What_is_stashed_when_the_actor_restarts_is_processed_by_the_new_instance()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)));
        foreach (var message in (string[])["a", "b", "fail", "open"])
            stashing.Tell(message, probe.Ref);
        await probe.Expect("a");
        await probe.Expect("b");
    }

    [Fact]
    public async Task A_message_can_be_stashed_after_an_await()
    {
        var probe = NewProbe();
        var stashing = System.ActorOf(Props.Create(() => new Stashing(probe.Ref)));
        stashing.Tell(1, probe.Ref);
        stashing.Tell("open", probe.Ref);
        await probe.Expect("1");
    }

    private sealed class Stashing : ReceiveActor, IWithStash
    {
        private readonly IActorRef _probe;

        public Stashing(IActorRef probe)
        {
            _probe = probe;
            Receive<string>(m => m == "fail", _ => throw new InvalidOperationException("asked to"));
            Receive<string>(
                m => m == "open",
                _ =>
                {
                    Become(Open);
                    Stash.UnstashAll();
                }
            );
            Receive<string>(
                m => m == "open-one",
                _ =>
                {
                    Become(Open);
                    Stash.Unstash();
                }
            );
            Receive<string>(
                m => m == "twice",
                _ =>
                {
                    Stash.Stash();
                    try
                    {
                        Stash.Stash();
                    }
                    catch (IllegalActorStateException)
                    {
                        _probe.Tell("refused");
                    }
                }
            );
            Receive<string>(_ =>
            {
                try
                {
                    Stash.Stash();
                }
                catch (StashOverflowException)
                {
                    _probe.Tell("full");
                }
            });
            ReceiveAsync<int>(async _ =>
            {
                await Task.Yield();
                Stash.Stash();
            });
        }

        public IStash Stash { get; set; } = null!;

        private void Open() => ReceiveAny(message => Sender.Tell(message.ToString()!));
    }

    private sealed class Keeping : UntypedActorWithUnboundedStash
    {
        protected override void OnReceive(object message)
        {
            if (message is string)
                Stash.Stash();
            else
                Sender.Tell($"{Stash.Count} of {Stash.Capacity}");
        }
    }

    private sealed class StashingEarly : UntypedActorWithStash
    {
        protected override void PreStart() => Stash.Stash();

        protected override void OnReceive(object message) { }
    }

    private sealed class WaitingForTheEnd : ReceiveActor, IWithUnboundedStash
    {
        public WaitingForTheEnd(IActorRef probe)
        {
            var child = Context.Watch(Context.ActorOf(Props.Create(() => new Keeping())));
            Receive<string>(m => m == "end", _ => Context.Stop(child));
            Receive<string>(_ =>
            {
                Become(() => Receive<Terminated>(_ => probe.Tell("ended")));
                Stash.UnstashAll();
            });
            Receive<Terminated>(_ =>
            {
                Stash.Stash();
                probe.Tell("stashed");
            });
            probe.Tell("watches");
        }

        public IStash Stash { get; set; } = null!;
    }
}
