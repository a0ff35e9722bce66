namespace Hatchery.Mirroring.Simulation;

/// <summary>A rule of the design that is broken on purpose, to see that the simulation finds it.</summary>
public enum Defect
{
    None,

    /// <summary>Writes go on without a member before its removal is committed.</summary>
    RemovalIsNotAwaited,

    /// <summary>A sync that failed is called a success.</summary>
    FailedSyncIsIgnored,

    /// <summary>A flush syncs the streamer's copy alone.</summary>
    FlushIsNotMirrored,

    /// <summary>A write is acknowledged when the streamer has it.</summary>
    WriteIsNotAwaited,

    /// <summary>After a loss of power a copy is held to be whole.</summary>
    PowerLossIsForgotten,

    /// <summary>The login is answered before the row says that the epoch is open.</summary>
    OpeningIsNotAwaited,

    /// <summary>The keeper adds a member whatever happened to the row meanwhile.</summary>
    MemberIsAddedAtAnyRevision,

    /// <summary>A member is added without the closed segments.</summary>
    ClosedSegmentsAreNotCopied,

    /// <summary>The streamer goes on as if it had the session although the row says otherwise.</summary>
    RowIsNotLookedAt,

    /// <summary>A row is written whatever happened to it since it was read.</summary>
    RevisionIsNotCompared,

    /// <summary>Without its keeper a device goes on with whatever boot the row has.</summary>
    NonceIsNotLookedAt,

    /// <summary>Without its keeper a device goes on with a boot that never had its disk.</summary>
    BootThatNeverWasGoesOn,

    /// <summary>A keeper that was away carries out what it was asked, though the asker has gone on without it.</summary>
    LateAskIsCarriedOut,

    /// <summary>A login shares a running session without a word of the other members.</summary>
    LoginSharesUnasked,

    /// <summary>Writes go on without a member that is let go before its removal is committed.</summary>
    ReleaseIsNotAwaited,
}
