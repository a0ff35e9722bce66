namespace Akka.Cluster.SBR;

/// <summary>What a side of a partition is to do.</summary>
internal enum Decision
{
    /// <summary>This side stays.</summary>
    DownUnreachable,

    /// <summary>This side goes.</summary>
    DownReachable,

    /// <summary>Both sides go.</summary>
    DownAll,

    /// <summary>Those go who see each other only by way of others.</summary>
    DownIndirectlyConnected,

    /// <summary>As <see cref="DownUnreachable"/> with the lease, as <see cref="DownReachable"/> without.</summary>
    AcquireLeaseAndDownUnreachable,

    /// <summary>As <see cref="DownIndirectlyConnected"/> with the lease, as <see cref="ReverseDownIndirectlyConnected"/> without.</summary>
    AcquireLeaseAndDownIndirectlyConnected,

    /// <summary>This side goes, and those who see each other only by way of others.</summary>
    ReverseDownIndirectlyConnected,

    /// <summary>Another node has cut this one off: only this one goes.</summary>
    DownSelfQuarantinedByRemote,
}
