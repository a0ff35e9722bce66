namespace Hatchery.Disks;

/// <summary>How a piece of work on the disk ended.</summary>
public enum DiskOutcome
{
    Done,

    /// <summary>Nothing of it was done: full, or the disk failed to take it.</summary>
    NotWritten,

    /// <summary>The copy is lost: a sync of it failed.</summary>
    Lost,
}
