using Akka.Actor;
using Akka.Pattern;

namespace Akka.Tests.Pattern;

public sealed class BackoffSupervisorTests : ActorTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task A_child_that_stopped_is_started_again()
    {
        var probe = NewProbe();
        var supervisor = Supervise(Backoff.OnStop(Child(probe), "child", Short, Short * 4, 0.1));
        await probe.Expect("started");
        supervisor.Tell("stop");
        await probe.Expect("started");
        Assert.Equal(1, (await Count(supervisor)).Count);
    }

    [Fact]
    public async Task A_child_that_failed_is_started_again()
    {
        var probe = NewProbe();
        var supervisor = Supervise(Backoff.OnFailure(Child(probe), "child", Short, Short * 4, 0).WithManualReset());
        await probe.Expect("started");
        supervisor.Tell("fail");
        await probe.Expect("started");
        Assert.Equal(1, (await Count(supervisor)).Count);
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        Assert.Equal(0, (await Count(supervisor)).Count);
    }

    [Fact]
    public async Task A_supervisor_for_failures_stops_with_a_child_that_stopped_by_itself()
    {
        var probe = NewProbe();
        var supervisor = Supervise(Backoff.OnFailure(Child(probe), "child", Short, Short * 4, 0));
        await probe.Expect("started");
        await probe.Watch(supervisor);
        supervisor.Tell("stop");
        Assert.Equal(supervisor, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task A_supervisor_gives_up_after_the_allowed_number_of_restarts()
    {
        var probe = NewProbe();
        var supervisor = Supervise(
            Backoff.OnStop(Child(probe), "child", Short, Short * 4, 0).WithManualReset().WithMaxNrOfRetries(2)
        );
        await probe.Watch(supervisor);
        for (var i = 0; i < 3; i++)
        {
            await probe.Expect("started");
            supervisor.Tell("stop");
        }
        Assert.Equal(supervisor, (await probe.Next<Terminated>()).ActorRef);
    }

    [Fact]
    public async Task Messages_while_the_child_is_stopped_are_answered_as_told()
    {
        var probe = NewProbe();
        var supervisor = Supervise(
            Backoff
                .OnStop(Child(probe), "child", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), 0)
                .WithReplyWhileStopped("later")
        );
        await probe.Expect("started");
        supervisor.Tell("stop");
        while (
            !(
                await supervisor.Ask<BackoffSupervisor.CurrentChild>(
                    BackoffSupervisor.GetCurrentChild.Instance,
                    Patience
                )
            ).Ref.IsNobody()
        ) { }
        Assert.Equal("later", await supervisor.Ask<string>("hello", Patience));
    }

    [Fact]
    public async Task A_final_message_lets_the_supervisor_stop_with_its_child()
    {
        var probe = NewProbe();
        var supervisor = Supervise(
            Backoff.OnStop(Child(probe), "child", Short, Short, 0).WithFinalStopMessage(m => m is "stop")
        );
        await probe.Expect("started");
        await probe.Watch(supervisor);
        supervisor.Tell("stop");
        Assert.Equal(supervisor, (await probe.Next<Terminated>()).ActorRef);
    }

    private IActorRef Supervise(BackoffOptions options) => System.ActorOf(BackoffSupervisor.Props(options));

    private static Props Child(Probe probe) => Props.Create(typeof(Worker), probe.Ref);

    private static Task<BackoffSupervisor.RestartCount> Count(IActorRef supervisor) =>
        supervisor.Ask<BackoffSupervisor.RestartCount>(BackoffSupervisor.GetRestartCount.Instance, Patience);

    private sealed class Worker(IActorRef probe) : UntypedActor
    {
        protected override void PreStart() => probe.Tell("started");

        protected override void OnReceive(object message)
        {
            if (message is "fail")
                throw new InvalidOperationException("asked to");
            if (message is "stop")
                Context.Stop(Self);
        }
    }
}
