using System.Collections.Immutable;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Server;

/// <summary>What this server tells the others about itself.</summary>
/// <param name="devices">How many it serves now.</param>
/// <param name="isFull">Whether its store has no room for writes.</param>
/// <param name="copiesMissing">How many of their write caches lie at fewer servers than they should.</param>
/// <param name="ownCachesLow">Machines whose own write cache has little room, as they told it.</param>
/// <param name="makings">Versions that it makes now; default: none.</param>
internal sealed class ThisServer(
    ServerSettings settings,
    Store store,
    Func<int> devices,
    Func<int> copiesMissing,
    Func<ImmutableArray<MakingStatus>> makings,
    Func<bool> isFull,
    Func<int> ownCachesLow,
    TimeProvider time
)
{
    private static readonly TimeSpan s_imagesLast = TimeSpan.FromSeconds(1);
    private const int TftpPort = 69;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly Lock _gate = new();
    private ImmutableArray<LayerId> _images;
    private long _lookedAt;

    /// <summary>It is being stopped.</summary>
    public bool IsLeaving { get; set; }

    public ServerStatus Status =>
        new(
            settings.ServerName,
            settings.Address.ToString(),
            settings.Streaming.IscsiPort,
            settings.Streaming.NbdPort,
            settings.Boot.HttpPort,
            settings.Boot.HasTftp && settings.Boot.Interfaces.Count > 0 ? TftpPort : 0,
            devices(),
            settings.Streaming.Gate.DevicesMax,
            Images(),
            _startedAt,
            settings.Replication.Port,
            settings.Mirroring.Port,
            settings.Site,
            copiesMissing(),
            IsLeaving,
            makings(),
            isFull(),
            settings.Boot.Https?.Port ?? 0,
            store.Damaged.Count,
            store.Loss is not null,
            ownCachesLow()
        );

    public bool Holds(LayerId image) => store.HoldsChain(image);

    private ImmutableArray<LayerId> Images()
    {
        if (store.Loss is not null)
            return [];
        lock (_gate)
        {
            if (_images.IsDefault || time.GetElapsedTime(_lookedAt) > s_imagesLast)
                (_images, _lookedAt) = (
                    [.. store.ListImages().Select(i => i.Layer).Where(store.HoldsChain).Take(ServerStatus.ImagesMax)],
                    time.GetTimestamp()
                );
            return _images;
        }
    }
}
