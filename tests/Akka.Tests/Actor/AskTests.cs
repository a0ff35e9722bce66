using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class AskTests : ActorTest
{
    [Fact]
    public async Task The_reference_of_an_ask_ends_with_it_and_its_watchers_hear_of_that()
    {
        var probe = NewProbe();
        var asked = Spawn((message, context) => probe.Ref.Tell(message, context.Sender));
        var answer = asked.Ask<string>("x", Patience);
        await probe.Expect("x");
        var asker = probe.LastSender;
        await probe.Watch(asker);
        asker.Tell("done");
        Assert.Equal("done", await answer);
        Assert.Equal(asker, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task The_failure_of_an_ask_that_ran_out_names_the_time()
    {
        var silent = Spawn((_, _) => { });
        var cause = await Assert.ThrowsAsync<AskTimeoutException>(() => silent.Ask("x", TimeSpan.FromMilliseconds(20)));
        Assert.Equal("Timeout after 00:00:00.0200000 seconds", cause.Message);
    }

    [Fact]
    public async Task An_answer_completes_the_task() =>
        Assert.Equal("hello", await Echo().Ask<string>("hello", Patience));

    [Fact]
    public async Task No_answer_in_time_fails()
    {
        var silent = Spawn((_, _) => { });
        await Assert.ThrowsAsync<AskTimeoutException>(() => silent.Ask<string>("hello", TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task A_failure_fails_the_task_with_its_cause()
    {
        var failing = Spawn((_, c) => c.Sender.Tell(new Status.Failure(new InvalidOperationException("no"))));
        var cause = await Assert.ThrowsAsync<InvalidOperationException>(() => failing.Ask<string>("hello", Patience));
        Assert.Equal("no", cause.Message);
    }

    [Fact]
    public Task An_answer_of_another_type_fails() =>
        Assert.ThrowsAsync<ArgumentException>(() => Echo().Ask<int>("hello", Patience));

    [Fact]
    public async Task An_ask_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var asked = Spawn((_, _) => { }).Ask<string>("hello", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task The_default_time_out_comes_from_the_configuration()
    {
        using var system = ActorSystem.Create("brief", "akka.actor.ask-timeout = 20ms, akka.loglevel = OFF");
        var silent = system.ActorOf(Props.Create(typeof(Inline), (Action<object, IActorContext>)((_, _) => { })));
        await Assert.ThrowsAsync<AskTimeoutException>(() => silent.Ask<string>("hello"));
    }

    [Fact]
    public async Task A_message_may_carry_the_reference_to_answer_to()
    {
        var answering = Spawn((message, _) => ((IActorRef)message).Tell("here"));
        Assert.Equal("here", await answering.Ask<string>(reference => reference, Patience, CancellationToken.None));
    }

    [Fact]
    public async Task The_asker_can_be_found_by_its_path_while_it_waits()
    {
        var answering = Spawn(
            (_, context) => context.System.ActorSelection(context.Sender.Path).Tell("found", context.Self)
        );
        Assert.Equal("found", await answering.Ask<string>("hello", Patience));
    }

    [Fact]
    public async Task PipeTo_sends_the_result_or_the_failure()
    {
        var probe = NewProbe();
        await Task.FromResult("done").PipeTo(probe.Ref);
        await probe.Expect("done");
        await Task.FromException<string>(new InvalidOperationException("no")).PipeTo(probe.Ref);
        Assert.Equal("no", (await probe.Next<Status.Failure>()).Cause.Message);
        await Task.FromResult(4).PipeTo(probe.Ref, success: n => n * 2, failure: e => e.Message);
        await probe.Expect(8);
        await Task.CompletedTask.PipeTo(probe.Ref, success: () => "finished");
        await probe.Expect("finished");
    }

    [Fact]
    public async Task An_awaiting_handler_keeps_its_sender_and_no_message_comes_between()
    {
        var probe = NewProbe();
        var actor = System.ActorOf(Props.Create(() => new Awaiting()));
        actor.Tell(1, probe.Ref);
        actor.Tell(2, probe.Ref);
        await probe.Expect("begin 1");
        await probe.Expect("end 1");
        await probe.Expect("begin 2");
        await probe.Expect("end 2");
    }

    [Fact]
    public async Task GracefulStop_is_done_when_the_actor_is_gone()
    {
        var subject = Echo();
        Assert.True(await subject.GracefulStop(Patience));
        Assert.True(await subject.GracefulStop(Patience));
    }

    private IActorRef Echo() => Spawn((message, context) => context.Sender.Tell(message));

    private sealed class Awaiting : ReceiveActor
    {
        public Awaiting() =>
            ReceiveAsync<int>(async number =>
            {
                Sender.Tell($"begin {number}");
                for (var i = 0; i < 3; i++)
                    await Task.Delay(1);
                Sender.Tell($"end {number}");
            });
    }
}
