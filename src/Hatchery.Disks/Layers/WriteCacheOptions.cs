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

    /// <summary>What the device may have in it that it did not overwrite or discard; more is refused with <see cref="DiskStatus.NoSpace"/>. 0: no limit.</summary>
    public long LimitBytes { get; init; }

    /// <summary>The part of the limit from which on the cache is at <see cref="CacheLevel.Warning"/>.</summary>
    public int WarnPercent { get; init; } = 80;

    /// <summary>Told, on any thread, when <see cref="WriteCache.Level"/> changes; must not block.</summary>
    public Action<CacheLevel>? OnLevel { get; init; }

    /// <summary>Bytes written since the last flush after which the cache flushes by itself, so that no flush ever has much to do.</summary>
    public long UnsyncedMaxBytes { get; init; } = 64L << 20;

    /// <summary>How much of a cache is read and compared with its checksums when it is opened, newest first; closed segments beyond are opened by their index, and compared when they are read.</summary>
    public long VerifyAtOpenMaxBytes { get; init; } = 256L << 20;

    /// <summary>The other copies of this one cache; null: there are none.</summary>
    public ICacheMirror? Mirror { get; init; }

    /// <summary>Room in the store that the cache lies in; null: only the file system's own.</summary>
    internal StoreSpace? Space { get; init; }

    /// <summary>Whether the store that the cache lies in still has its disk; null: nobody looks.</summary>
    internal StoreHealth? Health { get; init; }

    /// <summary>Told, once and on any thread, why the cache is over: its disk failed, or bytes were read that are not what was written.</summary>
    public Action<StoreFault>? OnFault { get; init; }

    /// <summary>Holds the cache's open files.</summary>
    internal FilePool Files { get; init; } = FilePool.Unbounded;

    /// <summary>Memory for indexes that the caches of a server share; null: only this cache's own bound.</summary>
    internal IndexBudget? Indexes { get; init; }

    internal Func<uint> Salt { get; init; } = () => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
}
