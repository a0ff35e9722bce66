using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>All that a streamer's core does to the world: connections to members, the session row, its own write cache, the device's connections.</summary>
public interface IStreamerPort : IRowPort
{
    /// <summary>Opens a connection to another server; ends in <see cref="StreamerCore.Connected"/> or <see cref="StreamerCore.Disconnected"/>.</summary>
    void Connect(string server);

    /// <summary>Gives a connection up, or an attempt at one; nothing is heard of it any more.</summary>
    void Disconnect(string server);

    /// <summary>Sends on the connection to that server, in order.</summary>
    void Send(string server, MirrorMessage message);

    /// <summary>Every member has the write cache up to there, and the bytes given to <see cref="StreamerCore.Append"/> up to there are not needed any more.</summary>
    void Acknowledged(CachePosition upTo);

    /// <summary>Every other member has synced the write cache up to there.</summary>
    void Synced(CachePosition upTo);

    /// <summary>Every confirmation up to that number is given: this was the newest epoch when it was asked for.</summary>
    void Confirmed(int upTo);

    /// <summary>All connections of the device end, and nothing is acknowledged any more.</summary>
    void End(string reason);

    /// <summary>For the log, the timeline and the operators.</summary>
    void Raise(MirrorNotice notice);

    /// <summary>Asks for a server to mirror to; ends in <see cref="StreamerCore.MemberChosen"/>.</summary>
    /// <param name="target">This one; null: whichever the keeper says.</param>
    void AskForMember(string? target);

    /// <summary>Tells the keeper that a server has it all: it may add it, at this revision of the row only. Ends in <see cref="StreamerCore.OfferAnswered"/>.</summary>
    void OfferMember(string server, Epoch epoch, long revision);

    /// <summary>While true no segment is compacted away: somebody is copying them.</summary>
    void HoldCompaction(bool isHeld);

    /// <summary>Closes the segment that is being written, where one is, and begins another: its header is the next append.</summary>
    void BeginSegment();

    /// <summary>Hashes the next closed segment with a number in between; ends in <see cref="StreamerCore.SegmentHashed"/>.</summary>
    /// <param name="join">The number of the join, to be given back with the answer: one that was given up may still be answered.</param>
    /// <param name="above">Its number is higher.</param>
    /// <param name="below">Its number is lower.</param>
    void HashSegment(int join, int above, int below);

    /// <summary>Reads bytes of a closed segment, a bounded number; ends in <see cref="StreamerCore.SegmentRead"/>.</summary>
    void ReadSegment(int join, int segment, long offset);
}

/// <summary>What happened to the copies of a write cache.</summary>
public abstract record MirrorNotice(string Server)
{
    /// <summary>It does not answer, or not as it must: it is to be removed. Writes wait until that is committed.</summary>
    public sealed record MemberFailed(string Server, string Reason) : MirrorNotice(Server);

    /// <summary>Its removal cannot be committed now, as the farm database does not answer; writes wait.</summary>
    public sealed record RemovalWaits(string Server) : MirrorNotice(Server);

    /// <summary>Its removal is committed, and writes go on without it.</summary>
    public sealed record MemberRemoved(string Server, int CopiesLeft) : MirrorNotice(Server);

    /// <summary>It was to have none any more, or there were more than enough, and writes go on without it.</summary>
    public sealed record MemberReleased(string Server, int CopiesLeft) : MirrorNotice(Server);

    /// <summary>A copy is begun there.</summary>
    public sealed record JoinBegun(string Server) : MirrorNotice(Server);

    public sealed record JoinFailed(string Server, string Reason) : MirrorNotice(Server);

    /// <summary>It has everything, and is a member.</summary>
    public sealed record MemberAdded(string Server, int Copies) : MirrorNotice(Server);
}
