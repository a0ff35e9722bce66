namespace Hatchery.Mirroring;

/// <summary>The bounds of connections between servers that mirror.</summary>
public sealed record LinkOptions
{
    /// <summary>How long connecting, certificates and greetings may take together.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Connections of others to this server, strangers' among them.</summary>
    public int ConnectionsMax { get; init; } = 64;

    /// <summary>Bytes that wait to be sent on one connection; with more it is given up. A single frame is always taken.</summary>
    public int SendMaxBytes { get; init; } = 96 << 20;

    /// <summary>Bytes of one connection that were received and are not on the disk yet; with more nothing is read from it. A single frame is always taken.</summary>
    public int ReceiveMaxBytes { get; init; } = 16 << 20;

    /// <summary>Write caches of which copies are open here.</summary>
    public int CopiesMax { get; init; } = 4096;

    /// <summary>A copy to which nobody was connected for so long is closed; its files stay.</summary>
    public TimeSpan CopyIdleTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
