using System.Security.Cryptography;

namespace Hatchery.Disks;

/// <summary>The bounds of one device's write cache.</summary>
public sealed record WriteCacheOptions
{
    public static WriteCacheOptions Default { get; } = new();

    /// <summary>A segment that has reached this length is closed and the next one begun; at most 1 GiB.</summary>
    public long SegmentSizeBytes { get; init; } = 256L << 20;

    /// <summary>Requests that may wait for the writer; later ones wait to be queued.</summary>
    public int QueueMax { get; init; } = 1024;

    /// <summary>A cache whose index has grown to this takes no more writes: <see cref="DiskStatus.NoSpace"/>.</summary>
    public long IndexMemoryMaxBytes { get; init; } = 256L << 20;

    /// <summary>Bytes written since the last flush after which the cache flushes by itself, so that no flush ever has much to do.</summary>
    public long UnsyncedMaxBytes { get; init; } = 64L << 20;

    /// <summary>How much of a cache is read and compared with its checksums when it is opened, newest first; closed segments beyond are opened by their index.</summary>
    public long VerifyAtOpenMaxBytes { get; init; } = 4L << 30;

    /// <summary>Room in the store that the cache lies in; null: only the file system's own.</summary>
    internal StoreSpace? Space { get; init; }

    internal Func<uint> Salt { get; init; } = () => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
}
