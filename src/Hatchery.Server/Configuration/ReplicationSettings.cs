using Hatchery.Devices;
using Hatchery.Replication;

namespace Hatchery.Server;

/// <summary>What reference.conf says below `hatchery.replication`.</summary>
/// <param name="Port">0: this server gives no images out.</param>
internal sealed record ReplicationSettings(int Port, IReadOnlyList<Peer> Peers, ReplicationOptions Options)
{
    private const int CountMax = 1024;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static ReplicationSettings Read(SettingsReader replication)
    {
        var options = new ReplicationOptions
        {
            Interval = replication.Duration("interval", s_second),
            BytesPerSecond = replication.Bytes("rate", 0, long.MaxValue),
            FetchesMax = replication.Number("fetches-max", 1, CountMax),
            ConnectionsMax = replication.Number("connections-max", 1, CountMax),
            ConnectionsPerAddressMax = replication.Number("connections-per-address-max", 1, CountMax),
            HandshakeTimeout = replication.Duration("handshake-timeout", s_second),
            IdleTimeout = replication.Duration("idle-timeout", s_second),
            AvoidFor = replication.Duration("avoid-for", TimeSpan.Zero),
        };
        if (options.BytesPerSecond > 0 && options.BytesPerSecond < options.BytesPerSecondMin)
            throw replication.Wrong(
                "rate",
                $"{options.BytesPerSecond}",
                $"0, or at least {options.BytesPerSecondMin} bytes with these fetches-max and idle-timeout"
            );
        return new(replication.Number("port", 0, 65535), replication.Objects("peers", Peer), options);
    }

    private static Peer Peer(SettingsReader peer)
    {
        var name = peer.Text("name");
        return EntityName.IsValid(name)
            ? new(name, peer.Text("address"), peer.Number("port", 1, 65535))
            : throw peer.Wrong("name", name, EntityName.Rule);
    }
}
