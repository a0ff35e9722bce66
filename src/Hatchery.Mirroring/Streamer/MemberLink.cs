using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>How far another server is on its way to be a member, or out of it.</summary>
internal enum LinkStage
{
    /// <summary>No connection.</summary>
    Away,

    /// <summary>Connected, and asked what it has.</summary>
    Greeting,

    /// <summary>A member that takes appends as they come.</summary>
    Live,

    /// <summary>It joins, and waits for a segment that begins.</summary>
    Waiting,

    /// <summary>It joins, takes appends, and gets the closed segments beside them.</summary>
    Copying,

    /// <summary>It joins, has all closed segments, and syncs what was appended meanwhile.</summary>
    Syncing,

    /// <summary>Writes wait for it from now on, and it syncs once more.</summary>
    Settling,

    /// <summary>It has everything, and the keeper is asked to add it.</summary>
    Offered,

    /// <summary>It is to be out of the row; until that is committed writes wait.</summary>
    Leaving,
}

/// <summary>What a streamer knows of one other server. Times are those of the core.</summary>
internal sealed class MemberLink(string server, bool isMember)
{
    private readonly Queue<(CachePosition End, long Bytes)> _sent = new();
    private long _lagBytes;

    public string Server => server;

    /// <summary>The row has it, as far as is known.</summary>
    public bool IsMember { get; set; } = isMember;

    public LinkStage Stage { get; set; } = LinkStage.Away;

    /// <summary>It is to be out of the row, though nothing is wrong with it: until that is committed it is a member like any other.</summary>
    public bool IsReleased { get; set; }

    /// <summary>It was said that its removal cannot be committed.</summary>
    public bool IsSaidToWait { get; set; }

    /// <summary>It has the write cache up to there.</summary>
    public CachePosition Appended { get; set; }

    /// <summary>It was asked to sync up to there.</summary>
    public CachePosition SyncAsked { get; set; }

    public CachePosition Synced { get; set; }

    /// <summary>The oldest sync that it did not answer was asked for then.</summary>
    public TimeSpan? SyncSince { get; set; }

    /// <summary>There was no connection, or no answer to its first question, since then.</summary>
    public TimeSpan? AwaySince { get; set; }

    public TimeSpan? PingedAt { get; set; }

    /// <summary>For each ping without an answer the newest confirmation that was asked for before it.</summary>
    public Queue<int> Pings { get; } = new();

    /// <summary>It took part in this epoch when that confirmation was asked for, or later.</summary>
    public int Confirmed { get; set; }

    public TimeSpan HeardAt { get; set; }

    /// <summary>When a connection is tried again; null while there is one or one is tried.</summary>
    public TimeSpan? ConnectAt { get; set; }

    /// <summary>When the step of a join began that is under way.</summary>
    public TimeSpan StepSince { get; set; }

    /// <summary>The segment whose copy is under way, its length, and how often its hash was wrong.</summary>
    public int CopySegment { get; set; }

    public long CopyLength { get; set; }

    public int CopyFailures { get; set; }

    /// <summary>Its first live segment; what is to be copied lies below.</summary>
    public int LiveFrom { get; set; }

    /// <summary>Writes wait for it since the head was there; it has to sync up to there before it can be a member.</summary>
    public CachePosition SettledAt { get; set; }

    /// <summary>The revision of the row when the keeper was asked to add it, or when it began to leave.</summary>
    public long Revision { get; set; }

    /// <summary>Nothing is acknowledged without it.</summary>
    public bool IsRequired => IsMember || Stage is LinkStage.Settling or LinkStage.Offered or LinkStage.Leaving;

    public bool TakesAppends =>
        Stage is LinkStage.Live or LinkStage.Copying or LinkStage.Syncing or LinkStage.Settling or LinkStage.Offered;

    /// <summary>Counts what it was sent while nothing waits for it; the answer is how many bytes it is behind.</summary>
    public long Lag(CachePosition end, long bytes)
    {
        if (!TakesAppends)
            return 0;
        _sent.Enqueue((end, bytes));
        return _lagBytes += bytes;
    }

    public void CatchUp()
    {
        while (_sent.TryPeek(out var sent) && sent.End <= Appended)
            _lagBytes -= _sent.Dequeue().Bytes;
    }
}
