using Hatchery.Streaming.Iscsi;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming;

/// <summary>Bounds and times of the stream service; each is read from <c>hatchery.streaming</c> and has its default here.</summary>
public sealed record StreamingOptions
{
    /// <summary>Connections at one listener; more are turned away. <c>connection.max</c>.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Connections from one address at one listener. <c>connection.per-address-max</c>.</summary>
    public int MaxPerAddress { get; init; } = 64;

    /// <summary>Requests of one connection that wait for the disk. <c>connection.requests-max</c>.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>Bytes of one connection at the disk or not yet taken by the peer. <c>connection.bytes-max</c>.</summary>
    public long MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a handshake or login may take. <c>connection.handshake-timeout</c>.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long sent bytes may stay unacknowledged before TCP gives the peer up. <c>connection.user-timeout</c>.</summary>
    public TimeSpan UserTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How far MaxCmdSN runs ahead of an initiator. <c>iscsi.command-window</c>.</summary>
    public int CommandWindow { get; init; } = 128;

    /// <summary>Buffers of one connection for writes whose data is still to come. <c>iscsi.collecting-bytes-max</c>.</summary>
    public long CollectingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>MaxRecvDataSegmentLength of the target. <c>iscsi.data-segment-max</c>.</summary>
    public int MaxDataSegment { get; init; } = 256 * 1024;

    /// <summary>MaxBurstLength. <c>iscsi.burst-max</c>.</summary>
    public int MaxBurst { get; init; } = 1024 * 1024;

    /// <summary>FirstBurstLength. <c>iscsi.first-burst-max</c>.</summary>
    public int FirstBurst { get; init; } = 256 * 1024;

    /// <summary>MaxOutstandingR2T. <c>iscsi.r2t-max</c>.</summary>
    public int MaxOutstandingR2t { get; init; } = 4;

    /// <summary>InitialR2T: on, data beyond the command's own waits for buffers. <c>iscsi.initial-r2t</c>.</summary>
    public bool InitialR2t { get; init; } = true;

    /// <summary>ImmediateData. <c>iscsi.immediate-data</c>.</summary>
    public bool ImmediateData { get; init; } = true;

    /// <summary>Silence after which an initiator is pinged. <c>iscsi.ping-interval</c>.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Silence after a ping that ends the connection. <c>iscsi.ping-timeout</c>.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a login waits for the commands of the session that it replaces. <c>iscsi.reinstatement-timeout</c>.</summary>
    public TimeSpan ReinstatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal ConnectionLimits Limits(ByteBudget? budget) => new(MaxRequests, MaxBytes, budget);

    internal IscsiTimes Times => new(LoginTimeout, PingInterval, PingTimeout, ReinstatementTimeout);

    internal IscsiWindow Window => new(CommandWindow, CollectingBytes);

    internal TargetOffer Offer =>
        new()
        {
            MaxDataSegment = MaxDataSegment,
            MaxBurst = MaxBurst,
            FirstBurst = FirstBurst,
            MaxOutstandingR2t = MaxOutstandingR2t,
            InitialR2t = InitialR2t,
            ImmediateData = ImmediateData,
        };
}
