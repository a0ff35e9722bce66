using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class SupervisionTests : ActorTest
{
    [Fact]
    public async Task A_failed_child_is_restarted_keeps_its_mailbox_and_loses_the_failing_message()
    {
        var probe = NewProbe();
        var child = await Child(probe, new OneForOneStrategy(_ => Directive.Restart));

        child.Tell("fail");
        child.Tell("one");
        child.Tell("two");

        await probe.Expect("started");
        await probe.Expect("pre-restart fail");
        await probe.Expect("stopped");
        await probe.Expect("post-restart");
        await probe.Expect("started");
        await probe.Expect("one");
        await probe.Expect("two");
    }

    [Fact]
    public async Task A_resumed_child_keeps_its_state()
    {
        var probe = NewProbe();
        var child = await Child(probe, new OneForOneStrategy(_ => Directive.Resume));

        child.Tell("fail");
        child.Tell("one");

        await probe.Expect("started");
        await probe.Expect("one");
    }

    [Fact]
    public async Task A_stopped_child_processes_nothing_more()
    {
        var probe = NewProbe();
        var child = await Child(probe, new OneForOneStrategy(_ => Directive.Stop));
        await probe.Expect("started");
        await probe.Watch(child);

        child.Tell("fail");
        child.Tell("one");

        await probe.Expect("stopped");
        Assert.Equal(child, (await probe.Next<Terminated>()).ActorRef);
        await probe.ExpectNothingBefore("mark");
    }

    [Fact]
    public async Task An_escalated_failure_is_decided_one_level_up()
    {
        var probe = NewProbe();
        var top = System.ActorOf(Props.Create(typeof(Parent), new OneForOneStrategy(_ => Directive.Stop)), "top");
        var middle = await top.Ask<IActorRef>(
            Props.Create(typeof(Parent), new OneForOneStrategy(_ => Directive.Escalate)),
            Patience
        );
        var child = await middle.Ask<IActorRef>(Props.Create(() => new Failing(probe.Ref)), Patience);
        await probe.Expect("started");
        await probe.Watch(middle);

        child.Tell("fail");

        await probe.Expect("stopped");
        Assert.Equal(middle, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task All_for_one_restarts_the_siblings_too()
    {
        var probe = NewProbe();
        var other = NewProbe();
        var parent = System.ActorOf(Props.Create(typeof(Parent), new AllForOneStrategy(_ => Directive.Restart)));
        var first = await parent.Ask<IActorRef>(Props.Create(() => new Failing(probe.Ref)), Patience);
        await parent.Ask<IActorRef>(Props.Create(() => new Failing(other.Ref)), Patience);
        await other.Expect("started");

        first.Tell("fail");

        await other.Expect("pre-restart ");
        await other.Expect("stopped");
        await other.Expect("post-restart");
        await other.Expect("started");
    }

    [Fact]
    public async Task A_child_is_stopped_after_the_allowed_number_of_restarts()
    {
        var probe = NewProbe();
        var child = await Child(probe, new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        var watcher = NewProbe();
        await watcher.Watch(child);

        for (var i = 0; i < 3; i++)
            child.Tell("fail");

        await watcher.Next<Terminated>();
        var seen = new List<object>();
        for (object next = ""; !next.Equals("mark"); next = await probe.Next<object>())
        {
            seen.Add(next);
            if (seen.Count == 1)
                probe.Ref.Tell("mark");
        }
        Assert.Equal(2, seen.Count(message => message.Equals("post-restart")));
    }

    [Fact]
    public async Task An_actor_whose_constructor_throws_is_stopped()
    {
        var probe = NewProbe();
        var broken = System.ActorOf(Props.Create(() => new Broken()));
        await probe.Watch(broken);
        Assert.Equal(broken, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task The_decider_sees_what_the_constructor_threw_as_the_cause()
    {
        var seen = new TaskCompletionSource<Exception>();
        var strategy = new OneForOneStrategy(cause =>
        {
            seen.TrySetResult(cause);
            return Directive.Stop;
        });
        var parent = System.ActorOf(Props.Create(() => new Parent(strategy)));
        await parent.Ask<IActorRef>(Props.Create(() => new Broken()), Patience);

        var cause = Assert.IsType<ActorInitializationException>(await seen.Task.WaitAsync(Patience));
        Assert.IsType<InvalidOperationException>(cause.InnerException);
    }

    [Fact]
    public async Task Children_stop_before_their_parent_has_stopped()
    {
        var probe = NewProbe();
        var parent = System.ActorOf(Props.Create(() => new Nested(probe.Ref, 3)));
        await probe.Expect("started 3");
        await probe.Expect("started 2");
        await probe.Expect("started 1");

        parent.Tell(PoisonPill.Instance);

        await probe.Expect("stopped 1");
        await probe.Expect("stopped 2");
        await probe.Expect("stopped 3");
    }

    [Fact]
    public async Task Kill_makes_an_actor_fail_and_by_default_stop()
    {
        var probe = NewProbe();
        var child = await Child(probe, SupervisorStrategy.DefaultStrategy);
        await probe.Expect("started");
        await probe.Watch(child);
        child.Tell(Kill.Instance);
        await probe.Expect("stopped");
        await probe.Next<Terminated>();
    }

    [Fact]
    public async Task A_failure_after_an_await_is_supervised_and_the_next_message_waits_for_the_restart()
    {
        var probe = NewProbe();
        var child = await Child(probe, new OneForOneStrategy(_ => Directive.Restart));

        child.Tell(7);
        child.Tell("one");

        await probe.Expect("started");
        await probe.Expect("pre-restart 7");
        await probe.Expect("stopped");
        await probe.Expect("post-restart");
        await probe.Expect("started");
        await probe.Expect("one");
    }

    private async Task<IActorRef> Child(Probe probe, SupervisorStrategy strategy)
    {
        var parent = System.ActorOf(Props.Create(() => new Parent(strategy)));
        return await parent.Ask<IActorRef>(Props.Create(() => new Failing(probe.Ref)), Patience);
    }

    private sealed class Parent : ReceiveActor
    {
        private readonly SupervisorStrategy _strategy;

        public Parent(SupervisorStrategy strategy)
        {
            _strategy = strategy;
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;
    }

    private sealed class Failing : ReceiveActor
    {
        private readonly IActorRef _probe;

        public Failing(IActorRef probe)
        {
            _probe = probe;
            Receive<string>(message => message == "fail", _ => throw new InvalidOperationException("asked to"));
            Receive<string>(message => _probe.Tell(message));
            ReceiveAsync<int>(async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("asked to");
            });
        }

        protected override void PreStart() => _probe.Tell("started");

        protected override void PostStop() => _probe.Tell("stopped");

        protected override void PreRestart(Exception reason, object? message)
        {
            _probe.Tell("pre-restart " + message);
            base.PreRestart(reason, message!);
        }

        protected override void PostRestart(Exception reason)
        {
            _probe.Tell("post-restart");
            base.PostRestart(reason);
        }
    }

    private sealed class Broken : UntypedActor
    {
        public Broken() => throw new InvalidOperationException("never works");

        protected override void OnReceive(object message) { }
    }

    private sealed class Nested(IActorRef probe, int depth) : UntypedActor
    {
        protected override void OnReceive(object message) { }

        protected override void PreStart()
        {
            probe.Tell($"started {depth}");
            if (depth > 1)
                Context.ActorOf(Props.Create(() => new Nested(probe, depth - 1)));
        }

        protected override void PostStop() => probe.Tell($"stopped {depth}");
    }
}
