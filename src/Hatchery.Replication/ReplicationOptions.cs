using System.Net;

namespace Hatchery.Replication;

/// <summary>What reference.conf says below <c>hatchery.replication</c>.</summary>
public sealed record ReplicationOptions
{
    /// <summary>How often this server looks for images that it lacks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second that come from all other servers together; 0: as fast as they come.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>
    /// The least of <see cref="BytesPerSecond"/>: all that is asked for ahead has to come within half the time after which the other
    /// server would hold the connection to stand still.
    /// </summary>
    public long BytesPerSecondMin => (long)(2L * FetchesMax * PeerConnection.AheadBytes / IdleTimeout.TotalSeconds);

    /// <summary>Images that come at once.</summary>
    public int FetchesMax { get; init; } = 2;

    /// <summary>Of other servers, to this one.</summary>
    public int ConnectionsMax { get; init; } = 32;

    public int ConnectionsPerAddressMax { get; init; } = 8;

    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection on which nothing moves for so long is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server that sent wrong bytes is not asked.</summary>
    public TimeSpan AvoidFor { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Who this server is to the others.</summary>
/// <param name="Tls">Null: no encryption.</param>
public sealed record ReplicationIdentity(Disks.FarmId Farm, string Server, PeerTls? Tls = null)
{
    internal ReplicationHello Hello => new(ReplicationHello.CurrentVersion, Farm, Server);
}
