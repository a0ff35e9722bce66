namespace Hatchery.Mirroring;

/// <summary>What a streamer, or an opening, hears of the other servers that it asked to be connected to; on any thread, for each server in order. Nothing may block here, and only in <see cref="Received"/> may the dialer be called.</summary>
public interface IMemberEvents
{
    void Connected(string server);

    /// <summary>There is no connection, or no longer; it may be asked for again.</summary>
    void Disconnected(string server, string reason);

    void Received(string server, MirrorMessage message);
}
