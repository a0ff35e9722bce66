namespace Hatchery.Disks;

/// <summary>How a request to a disk ended. Expected outcomes are values; each protocol maps them to its own codes in one place.</summary>
public enum DiskStatus
{
    Ok,

    /// <summary>The request reaches outside the disk, or is not a multiple of the block size.</summary>
    OutOfRange,

    /// <summary>A write to a disk that takes none.</summary>
    ReadOnly,

    /// <summary>The store is full; nothing of the request was kept, and a later try may succeed.</summary>
    NoSpace,

    /// <summary>A newer epoch owns the device: this session is over and every connection on it must end.</summary>
    Fenced,

    /// <summary>The store failed, or the disk's bytes are damaged.</summary>
    IoError,
}
