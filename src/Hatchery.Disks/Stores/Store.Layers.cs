namespace Hatchery.Disks;

/// <summary>The closed layers of a store: <c>layers/LAYER/</c>, each a write cache that takes no more writes.</summary>
public sealed partial class Store
{
    /// <summary>Makes a write cache that is not open a closed layer: every segment has its index, and little in it that nobody needs.</summary>
    /// <param name="below">What the cache lies on.</param>
    /// <param name="epoch">As for <see cref="OpenCache"/>.</param>
    /// <returns>What stands in the way; null when it is closed, also when it was before.</returns>
    public async Task<StoreFault?> CloseCacheAsync(LayerId layer, IBlockReader below, Epoch epoch)
    {
        if (Directory.Exists(LayerPath(layer)))
            return null;
        var opened = OpenCache(below, layer, epoch);
        if (opened.Value is not { } cache)
            return opened.Fault;
        DiskStatus status;
        await using (cache)
            status = await cache.CompactToCloseAsync();
        if (!cache.IsSealed)
            return cache.Fault
                ?? new(
                    status == DiskStatus.NoSpace ? StoreFaultKind.NoSpace : StoreFaultKind.IoError,
                    CachePath(layer),
                    "the layer could not be closed: its last writes are not on the disk"
                );
        return OnClosedCache(
            layer,
            path =>
            {
                var bytes = SegmentBytesIn(path);
                Directory.Move(path, LayerPath(layer));
                _space.Grew(-bytes);
                _files.SyncFolder(LayersPath);
                _files.SyncFolder(CachesPath);
                return null;
            }
        );
    }

    /// <summary>Opens closed layers, the lowest first, on top of an image, which has to stay open as long; each segment's index is checked.</summary>
    public StoreOutcome<LayerChain> OpenLayers(IBlockReader image, IReadOnlyList<LayerId> layers) =>
        LayerChain.Open(_files, _pool, [.. layers.Select(LayerPath)], image, _indexes);

    private string LayerPath(LayerId layer) => Path.Combine(LayersPath, layer.ToString());
}
