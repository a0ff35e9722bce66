using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>Session disks from a store on this server: the version's image, shared by all who boot from it, under a write cache of the device's own.</summary>
/// <param name="limitOf">The limit of a device's write cache in bytes; null: that of <paramref name="options"/>.</param>
public sealed class StoreSessionDisks(
    Store store,
    FarmId farm,
    WriteCacheOptions options,
    ILogger<StoreSessionDisks> log,
    Func<DeviceId, long?>? limitOf = null
) : ISessionDisks
{
    private readonly Lock _gate = new();
    private readonly Lock _limits = new();

    /// <summary>Something about an open disk that its session has to know; on any thread.</summary>
    public event Action<DiskNotice>? Noticed;

    private readonly Dictionary<LayerId, (BaseImage Image, int Users)> _images = [];

    public async Task<IDisk> OpenAsync(SessionGrant grant, CancellationToken cancellation)
    {
        var image = TakeImage(grant.Image);
        var watched = options with
        {
            LimitBytes = LimitOf(grant.Device),
            OnFault = fault => Noticed?.Invoke(new(grant.Device, grant.Epoch, CacheLevel.Ok, fault)),
            OnLevel = level => Noticed?.Invoke(new(grant.Device, grant.Epoch, level, null)),
        };
        try
        {
            // Opening a cache reads and checks it: work for a thread of its own, not for the session's actor.
            var opened = await Task.Run(
                () =>
                    grant.IsNewBoot
                        ? store.CreateCache(image, farm, grant.Device, grant.Boot, grant.Epoch, grant.Cache, watched)
                        : store.OpenCache(image, grant.Cache, grant.Epoch, watched),
                cancellation
            );
            if (opened.Value is not { } cache)
                throw new SessionDiskException(
                    $"write cache {grant.Cache}: {opened.Fault}",
                    deviceMustBoot: IsGone(opened.Fault!.Kind)
                );
            if (cache.Recovery is { LostPower: true })
            {
                await cache.DisposeAsync();
                throw new SessionDiskException(
                    $"write cache {grant.Cache}: the host lost power since it was flushed",
                    deviceMustBoot: true
                );
            }
            // It may have changed before the cache was among those that are open.
            SetLimit(cache);
            return new SharedImageDisk(new OverlayDisk(cache), () => GiveBack(grant.Image));
        }
        catch
        {
            GiveBack(grant.Image);
            throw;
        }
    }

    public void SetAside(LayerId cache)
    {
        if (store.SetCacheAside(cache) is { Kind: not StoreFaultKind.Missing } fault)
            Log.CacheNotSetAside(log, cache, fault.ToString());
    }

    /// <summary>Limits changed: open write caches have theirs from now on.</summary>
    /// <param name="device">Null: of any device.</param>
    public void LimitsChanged(DeviceId? device)
    {
        foreach (var cache in store.OpenCaches)
            if (device is null || cache.Identity.Device == device)
                SetLimit(cache);
    }

    /// <summary>Asked and set as one step, so that the newest answer is what stays.</summary>
    private void SetLimit(WriteCache cache)
    {
        lock (_limits)
            cache.LimitBytes = LimitOf(cache.Identity.Device);
    }

    private long LimitOf(DeviceId device) => limitOf?.Invoke(device) ?? options.LimitBytes;

    /// <summary>A full or failing file system may recover; bytes that are not there do not come back.</summary>
    private static bool IsGone(StoreFaultKind kind) =>
        kind is StoreFaultKind.Missing or StoreFaultKind.Damaged or StoreFaultKind.Unsupported;

    private BaseImage TakeImage(LayerId layer)
    {
        lock (_gate)
        {
            if (_images.TryGetValue(layer, out var open))
            {
                _images[layer] = (open.Image, open.Users + 1);
                return open.Image;
            }
            var opened = store.OpenImage(layer);
            if (opened.Value is not { } image)
                throw new SessionDiskException($"image {layer}: {opened.Fault}", deviceMustBoot: false);
            _images[layer] = (image, 1);
            return image;
        }
    }

    private void GiveBack(LayerId layer)
    {
        lock (_gate)
        {
            var (image, users) = _images[layer];
            if (users > 1)
            {
                _images[layer] = (image, users - 1);
                return;
            }
            _images.Remove(layer);
            image.Dispose();
        }
    }

    /// <summary>An overlay that gives its image back when it is closed.</summary>
    private sealed class SharedImageDisk(OverlayDisk disk, Action onClosed) : IDisk
    {
        private int _isClosed;

        public long LengthBytes => disk.LengthBytes;

        public int BlockSizeBytes => disk.BlockSizeBytes;

        public bool IsReadOnly => disk.IsReadOnly;

        public ValueTask<DiskStatus> ReadAsync(
            long offset,
            Memory<byte> destination,
            CancellationToken cancellation = default
        ) => disk.ReadAsync(offset, destination, cancellation);

        public ValueTask<DiskStatus> WriteAsync(
            long offset,
            ReadOnlyMemory<byte> data,
            bool forceUnitAccess = false,
            CancellationToken cancellation = default
        ) => disk.WriteAsync(offset, data, forceUnitAccess, cancellation);

        public ValueTask<DiskStatus> ZeroAsync(
            long offset,
            long lengthBytes,
            bool forceUnitAccess = false,
            CancellationToken cancellation = default
        ) => disk.ZeroAsync(offset, lengthBytes, forceUnitAccess, cancellation);

        public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default) =>
            disk.FlushAsync(cancellation);

        public void BeginGathering() => disk.BeginGathering();

        public void EndGathering() => disk.EndGathering();

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isClosed, 1) != 0)
                return;
            try
            {
                await disk.DisposeAsync();
            }
            finally
            {
                onClosed();
            }
        }
    }
}
