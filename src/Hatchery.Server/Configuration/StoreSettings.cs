using Hatchery.Disks;
using Hatchery.Replication;

namespace Hatchery.Server;

/// <summary>What reference.conf says below `hatchery.store` of bounds.</summary>
/// <param name="Caches">For each device's write cache.</param>
internal sealed record StoreSettings(
    StoreLimits Limits,
    WriteCacheOptions Caches,
    CompactorOptions Compaction,
    ScrubOptions Scrub
)
{
    private const int FilesMax = 1 << 24;

    public static StoreSettings Read(SettingsReader store)
    {
        var warnPercent = store.Number("warn-percent", 1, 100);
        return new(
            new()
            {
                ReserveBytes = store.Bytes("reserve", 0, long.MaxValue),
                CachesMaxBytes = store.Bytes("write-caches-max", 0, long.MaxValue),
                WarnPercent = warnPercent,
                OpenFilesMax = store.Number("open-files-max", 16, FilesMax),
                IndexMemoryMaxBytes = store.Bytes("index-memory-max", 16 << 20, long.MaxValue),
            },
            WriteCacheOptions.Default with
            {
                LimitBytes = store.Bytes("write-cache.limit", 0, long.MaxValue),
                IndexMemoryMaxBytes = store.Bytes("write-cache.index-memory-max", 1 << 20, long.MaxValue),
                VerifyAtOpenMaxBytes = store.Bytes("write-cache.verify-at-open", 0, long.MaxValue),
                WarnPercent = warnPercent,
            },
            new()
            {
                Interval = store.Duration("compaction.interval", TimeSpan.FromMilliseconds(100)),
                BytesPerSecond = store.Bytes("compaction.rate", 0, long.MaxValue),
            },
            new(store.Duration("scrub.interval", TimeSpan.Zero), store.Bytes("scrub.rate", 0, long.MaxValue))
        );
    }
}
