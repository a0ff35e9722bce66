using Hatchery.Streaming;

namespace Hatchery.Server;

/// <summary>What reference.conf says below `hatchery.streaming`.</summary>
/// <param name="BytesMax">What all connections may have under way together.</param>
/// <param name="IscsiPort">0: not served.</param>
/// <param name="NbdPort">0: not served.</param>
internal sealed record StreamingSettings(
    int IscsiPort,
    int NbdPort,
    StreamingOptions Options,
    SessionGateOptions Gate,
    long BytesMax,
    TimeSpan KeeperTimeout,
    TimeSpan OffAfter,
    TimeSpan KeepOldCache
)
{
    private const int CountMax = 1 << 20;
    private const int SegmentMaxBytes = (1 << 24) - 1;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static StreamingSettings Read(SettingsReader streaming) =>
        new(
            streaming.Number("iscsi.port", 0, 65535),
            streaming.Number("nbd.port", 0, 65535),
            ReadOptions(streaming.At("connection"), streaming.At("iscsi")),
            new(
                streaming.Duration("login-timeout", s_second),
                streaming.Number("logins-max", 1, 65536),
                streaming.Number("devices-max", 1, CountMax),
                streaming.Number("boots-at-once", 1, 65536)
            ),
            streaming.Bytes("bytes-max", 1 << 20, long.MaxValue),
            streaming.Duration("keeper-timeout", s_least),
            streaming.Duration("off-after", s_second),
            streaming.Duration("keep-old-cache", TimeSpan.Zero)
        );

    private static StreamingOptions ReadOptions(SettingsReader connection, SettingsReader iscsi) =>
        new()
        {
            MaxConnections = connection.Number("max", 1, CountMax),
            MaxPerAddress = connection.Number("per-address-max", 1, CountMax),
            MaxRequests = connection.Number("requests-max", 1, CountMax),
            MaxBytes = connection.Bytes("bytes-max", 1 << 20, long.MaxValue),
            LoginTimeout = connection.Duration("handshake-timeout", s_second),
            UserTimeout = connection.Duration("user-timeout", s_second),
            CommandWindow = iscsi.Number("command-window", 1, 65536),
            CollectingBytes = iscsi.Bytes("collecting-bytes-max", 1 << 20, long.MaxValue),
            MaxDataSegment = (int)iscsi.Bytes("data-segment-max", 512, SegmentMaxBytes),
            MaxBurst = (int)iscsi.Bytes("burst-max", 512, SegmentMaxBytes),
            FirstBurst = (int)iscsi.Bytes("first-burst-max", 512, SegmentMaxBytes),
            MaxOutstandingR2t = iscsi.Number("r2t-max", 1, 65535),
            InitialR2t = iscsi.Flag("initial-r2t"),
            ImmediateData = iscsi.Flag("immediate-data"),
            PingInterval = iscsi.Duration("ping-interval", s_second),
            PingTimeout = iscsi.Duration("ping-timeout", s_second),
            ReinstatementTimeout = iscsi.Duration("reinstatement-timeout", s_second),
        };
}
