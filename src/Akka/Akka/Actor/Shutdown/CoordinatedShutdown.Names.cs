namespace Akka.Actor;

public sealed partial class CoordinatedShutdown
{
    /// <summary>The first phase.</summary>
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";

    /// <summary>No new connections.</summary>
    public const string PhaseServiceUnbind = "service-unbind";

    /// <summary>Requests in progress come to their end.</summary>
    public const string PhaseServiceRequestsDone = "service-requests-done";

    /// <summary>Connections are closed.</summary>
    public const string PhaseServiceStop = "service-stop";

    /// <summary>Before the cluster is left.</summary>
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";

    /// <summary>Shard regions hand their entities over.</summary>
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";

    /// <summary>The node asks to leave.</summary>
    public const string PhaseClusterLeave = "cluster-leave";

    /// <summary>Singletons are handed over.</summary>
    public const string PhaseClusterExiting = "cluster-exiting";

    /// <summary>The others know that the node goes.</summary>
    public const string PhaseClusterExitingDone = "cluster-exiting-done";

    /// <summary>The cluster extension ends.</summary>
    public const string PhaseClusterShutdown = "cluster-shutdown";

    /// <summary>Before the actor system ends.</summary>
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";

    /// <summary>The actor system ends.</summary>
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    /// <summary>Why a shutdown was run.</summary>
    public class Reason
    {
        /// <summary>For reasons of one's own.</summary>
        protected Reason() { }

        /// <inheritdoc/>
        public override string ToString() => GetType().Name;
    }

    /// <summary>Nobody said.</summary>
    public class UnknownReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason() { }
    }

    /// <summary>The actor system was terminated.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason() { }
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason() { }
    }

    /// <summary>The node was declared down by its cluster.</summary>
    public class ClusterDowningReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new ClusterDowningReason();

        private ClusterDowningReason() { }
    }

    /// <summary>The node leaves its cluster.</summary>
    public class ClusterLeavingReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new ClusterLeavingReason();

        private ClusterLeavingReason() { }
    }

    /// <summary>No seed node took the node in.</summary>
    public class ClusterJoinUnsuccessfulReason : Reason
    {
        /// <summary>The one value.</summary>
        public static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();

        private ClusterJoinUnsuccessfulReason() { }
    }
}
