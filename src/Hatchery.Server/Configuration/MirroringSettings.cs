using Hatchery.Mirroring;
using Hatchery.Streaming;

namespace Hatchery.Server;

/// <summary>What reference.conf says below `hatchery.mirroring`.</summary>
/// <param name="Port">0: this server takes no copies and makes none.</param>
/// <param name="Sessions">Of the write caches that are streamed here.</param>
/// <param name="MovesMax">Devices that are on their way from here to other servers at once.</param>
/// <param name="Kept">Of the write caches that machines keep while they are off.</param>
internal sealed record MirroringSettings(
    int Port,
    MirrorSettings Sessions,
    LinkOptions Links,
    int MovesMax,
    KeptCacheOptions Kept
)
{
    private const int CountMax = 1 << 20;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(10);

    public static MirroringSettings Read(SettingsReader mirroring)
    {
        var port = mirroring.Number("port", 0, 65535);
        var copies = mirroring.Number("copies", 1, 8);
        var (links, kept) = (mirroring.At("connection"), mirroring.At("kept"));
        return new(
            port,
            new()
            {
                Copies = port == 0 ? 1 : copies,
                WindowBytes = mirroring.Bytes("window", 1 << 20, long.MaxValue),
                JoinWindowBytes = mirroring.Bytes("join-window", 1 << 20, long.MaxValue),
                JoinsMax = mirroring.Number("joins-max", 1, CountMax),
                KeptBytesPerSecond = kept.Bytes("rate", 1 << 20, long.MaxValue),
                MemberTimeout = mirroring.Duration("member-timeout", s_least),
                WorkTimeout = mirroring.Duration("work-timeout", s_least),
                JoinTimeout = mirroring.Duration("join-timeout", s_least),
                PingInterval = mirroring.Duration("ping-interval", s_least),
                RetryInterval = mirroring.Duration("retry-interval", s_least),
                JoinInterval = mirroring.Duration("join-interval", s_least),
                PromiseTimeout = mirroring.Duration("promise-timeout", s_least),
                OpeningTimeout = mirroring.Duration("opening-timeout", s_least),
            },
            new()
            {
                HandshakeTimeout = links.Duration("handshake-timeout", s_least),
                ConnectionsMax = links.Number("max", 1, CountMax),
                SendMaxBytes = (int)links.Bytes("send-max", 1 << 20, 1 << 30),
                ReceiveMaxBytes = (int)links.Bytes("receive-max", 1 << 20, 1 << 30),
                CopiesMax = mirroring.Number("copies-max", 1, CountMax),
                CopyIdleTimeout = mirroring.Duration("copy-idle-timeout", s_least),
            },
            mirroring.Number("moves-max", 1, CountMax),
            new(copies, kept.Number("at-once", 1, CountMax), kept.Duration("gone-after", s_least))
        );
    }
}
