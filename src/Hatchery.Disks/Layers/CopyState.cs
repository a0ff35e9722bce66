namespace Hatchery.Disks;

/// <summary>How far a server's copy of a write cache can be trusted. Numbers are for ever.</summary>
public enum CopyCondition : byte
{
    /// <summary>There is none here.</summary>
    Missing = 0,

    /// <summary>Every byte that this server ever said it has is there.</summary>
    Whole = 1,

    /// <summary>The host lost power before the copy was closed: what was synced is there, what was only written may not be.</summary>
    PowerLost = 2,

    /// <summary>A sync of it failed, or it is damaged: nothing of it is used.</summary>
    Lost = 3,
}

/// <param name="End">Where its last whole record ends.</param>
public readonly record struct CopyState(CopyCondition Condition, CachePosition End);
