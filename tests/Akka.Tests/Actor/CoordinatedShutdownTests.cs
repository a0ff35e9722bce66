using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Tests.Actor;

public sealed class CoordinatedShutdownTests
{
    private const string Quiet = "akka.loglevel = OFF, akka.stdout-loglevel = OFF\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private sealed class Maintenance : CoordinatedShutdown.Reason;

    [Fact]
    public async Task Phases_run_in_the_order_of_their_dependencies_and_end_with_the_system()
    {
        var (system, shutdown) = Create("");
        var ran = new ConcurrentQueue<string>();
        foreach (
            var phase in (string[])
                [
                    CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                    CoordinatedShutdown.PhaseServiceUnbind,
                    CoordinatedShutdown.PhaseClusterLeave,
                    CoordinatedShutdown.PhaseServiceStop,
                    CoordinatedShutdown.PhaseBeforeServiceUnbind,
                ]
        )
        {
            shutdown.AddTask(phase, "note", () => Note(ran, phase));
        }
        var reason = new Maintenance();
        await shutdown.Run(reason).WaitAsync(Patience);

        Assert.Equal(
            [
                "before-service-unbind",
                "service-unbind",
                "service-stop",
                "cluster-leave",
                "before-actor-system-terminate",
            ],
            ran
        );
        Assert.Same(reason, shutdown.ShutdownReason);
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task Terminating_the_system_runs_the_phases_once()
    {
        var (system, shutdown) = Create("");
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "note", () => Note(ran, "stop"));
        await Task.WhenAll(system.Terminate(), system.Terminate(), shutdown.Run(new Maintenance())).WaitAsync(Patience);
        Assert.Equal(["stop"], ran);
        Assert.IsType<CoordinatedShutdown.ActorSystemTerminateReason>(shutdown.ShutdownReason);
    }

    [Fact]
    public async Task A_task_that_fails_or_hangs_does_not_keep_the_later_phases()
    {
        var (_, shutdown) = Create("akka.coordinated-shutdown.phases.service-unbind.timeout = 20ms");
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            "fail",
            () => throw new InvalidOperationException()
        );
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "hang", () => new TaskCompletionSource<Done>().Task);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "note", () => Note(ran, "stop"));
        await shutdown.Run(new Maintenance()).WaitAsync(Patience);
        Assert.Equal(["stop"], ran);
    }

    [Fact]
    public async Task A_phase_that_may_not_fail_ends_the_run()
    {
        var (system, shutdown) = Create("akka.coordinated-shutdown.phases.service-unbind.recover = off");
        shutdown.AddTask(
            CoordinatedShutdown.PhaseServiceUnbind,
            "fail",
            () => Task.FromException<Done>(new InvalidOperationException("no"))
        );
        await Assert.ThrowsAnyAsync<Exception>(() => shutdown.Run(new Maintenance()).WaitAsync(Patience));
        Assert.False(system.WhenTerminated.IsCompleted);
        ((ExtendedActorSystem)system).Guardian.Stop();
        await system.WhenTerminated.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_run_can_begin_with_a_later_phase()
    {
        var (_, shutdown) = Create("");
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "note", () => Note(ran, "unbind"));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "note", () => Note(ran, "cluster"));
        await shutdown.Run(new Maintenance(), CoordinatedShutdown.PhaseClusterLeave).WaitAsync(Patience);
        Assert.Equal(["cluster"], ran);
    }

    [Fact]
    public async Task A_phase_has_to_be_in_the_configuration()
    {
        var (system, shutdown) = Create("");
        Assert.ThrowsAny<ArgumentException>(() =>
            shutdown.AddTask("no-such", "note", () => Task.FromResult(Done.Instance))
        );
        Assert.Equal(TimeSpan.FromSeconds(10), shutdown.Timeout(CoordinatedShutdown.PhaseActorSystemTerminate));
        Assert.Equal(TimeSpan.FromSeconds(5), shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
        await system.Terminate().WaitAsync(Patience);
    }

    private static (ActorSystem System, CoordinatedShutdown Shutdown) Create(string config)
    {
        var system = ActorSystem.Create("ending", ConfigurationFactory.ParseString(Quiet + config));
        return (system, CoordinatedShutdown.Get(system));
    }

    private static Task<Done> Note(ConcurrentQueue<string> ran, string what)
    {
        ran.Enqueue(what);
        return Task.FromResult(Done.Instance);
    }
}
