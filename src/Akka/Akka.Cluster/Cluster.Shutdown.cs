using Akka.Actor;
using Akka.Cluster.Daemon;

namespace Akka.Cluster;

public partial class Cluster
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>This node is Exiting: what runs on the cluster is stopped in the phases of coordinated shutdown.</summary>
    internal void BeginExiting()
    {
        LogInfo("Exiting, starting coordinated shutdown");
        _exiting.TrySetResult();
        _ = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
    }

    /// <summary>No seed node took this node in within its time.</summary>
    internal void JoinUnsuccessful() =>
        _ = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterJoinUnsuccessfulReason.Instance);

    /// <summary>This incarnation can be no member any more.</summary>
    internal void Abandon() => _daemon.Tell(PoisonPill.Instance);

    /// <summary>The actors of the cluster have stopped.</summary>
    internal void Ended()
    {
        _isTerminated = true;
        _exiting.TrySetResult();
        _ended.TrySetResult();
        LogInfo("Successfully shut down");
        // When it left in good order, coordinated shutdown runs already.
        if (Settings.RunCoordinatedShutdownWhenDown)
            _ = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
    }

    private void AddShutdownTasks()
    {
        var shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave", () => AskUnlessOut(new LeaveSelf()));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-exiting", WaitUntilExiting);
        shutdown.AddTask(
            CoordinatedShutdown.PhaseClusterExitingDone,
            "exiting-completed",
            () => AskUnlessOut(new ExitingDone())
        );
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "wait-shutdown", EndAndWait);
    }

    private bool IsOut => _isTerminated || SelfMember.Status is MemberStatus.Removed or MemberStatus.Down;

    private async Task<Done> AskUnlessOut(Command command)
    {
        if (!IsOut)
            await Task.WhenAny(_daemon.Ask<Done>(command), _ended.Task).ConfigureAwait(false);
        return Done.Instance;
    }

    private async Task<Done> WaitUntilExiting()
    {
        if (!IsOut)
            await _exiting.Task.ConfigureAwait(false);
        return Done.Instance;
    }

    private async Task<Done> EndAndWait()
    {
        // A node that never joined, or went past the phases before, ends here.
        _daemon.Tell(PoisonPill.Instance);
        await _ended.Task.ConfigureAwait(false);
        return Done.Instance;
    }
}
