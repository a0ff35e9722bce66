using System.Collections.Concurrent;

namespace Hatchery.Disks;

/// <summary>The write caches of a store: <c>caches/LAYER/00000001.seg</c> and on; one that is set aside ends in <c>.aside</c>.</summary>
public sealed partial class Store
{
    private const string SetAsideSuffix = ".aside";

    // Null while a cache is being opened, moved or deleted.
    private readonly ConcurrentDictionary<LayerId, WriteCache?> _openCaches = new();

    // Beside the mark in the folder, which a failing disk may not have taken.
    private readonly ConcurrentDictionary<LayerId, string> _lostCaches = new();

    private readonly ConcurrentDictionary<LayerId, CacheCopy> _copies = new();

    /// <summary>The caches that are open here.</summary>
    public IReadOnlyList<WriteCache> OpenCaches => [.. _openCaches.Values.OfType<WriteCache>()];

    /// <summary>Creates a write cache on top of an image or of closed layers, which have to stay open as long as the cache.</summary>
    public StoreOutcome<WriteCache> CreateCache(
        IBlockReader image,
        FarmId farm,
        DeviceId device,
        BootId boot,
        Epoch epoch,
        LayerId layer,
        WriteCacheOptions? options = null
    )
    {
        if (_indexes.WhyTight(CachePath(layer)) is { } tight)
            return tight;
        var identity = new CacheIdentity(farm, device, boot, layer, image.Layer, image.LengthBytes);
        return OpenOnce(layer, path => WriteCache.Create(_files, path, identity, epoch, Within(options), image));
    }

    /// <summary>Opens a write cache again, for an epoch that is no lower than any it has seen.</summary>
    public StoreOutcome<WriteCache> OpenCache(
        IBlockReader image,
        LayerId layer,
        Epoch epoch,
        WriteCacheOptions? options = null
    ) => OpenOnce(layer, path => WriteCache.Open(_files, path, epoch, Within(options), layer, image));

    /// <summary>
    /// A write cache, here or yet to come here, as other servers append to it; null while somebody has it already. As long as it is open it is
    /// neither set aside nor deleted. This server's own session of it may be open beside it: see <see cref="CacheCopy.PromiseAsync"/>.
    /// </summary>
    public CacheCopy? OpenCopy(LayerId layer)
    {
        var copy = new CacheCopy(
            _files,
            _pool,
            CachePath(layer),
            layer,
            new()
            {
                Space = _space,
                Health = _disk,
                OpenCache = () => _openCaches.GetValueOrDefault(layer),
                Lost = reason =>
                {
                    if (reason is null)
                        _lostCaches.TryRemove(layer, out _);
                    else
                        _lostCaches.TryAdd(layer, reason);
                },
                Closed = () => _copies.TryRemove(layer, out _),
            },
            isLost: _lostCaches.ContainsKey(layer)
        );
        return _copies.TryAdd(layer, copy) ? copy : null;
    }

    /// <summary>Every write cache that lies here, also damaged and unfinished ones.</summary>
    public IReadOnlyList<StoredCache> ListCaches() => [.. FoldersIn(CachesPath).Select(Describe).OfType<StoredCache>()];

    /// <summary>Promises, durably, that no epoch below this one will write to a cache that is not open. See <see cref="WriteCache.FenceAsync"/> for one that is.</summary>
    public StoreFault? FenceCache(LayerId layer, Epoch epoch) =>
        OnClosedCache(
            layer,
            path =>
            {
                if (EpochPromise.Read(_files, path) is not { } promised)
                    return new(StoreFaultKind.Damaged, path, "the promise of an epoch is damaged");
                if (epoch < promised)
                    return new(StoreFaultKind.Fenced, path, $"{epoch} is over: {promised} was promised");
                EpochPromise.Write(_files, path, epoch);
                return null;
            }
        );

    /// <summary>Puts a closed cache where no session finds it; <see cref="DeleteCache"/> ends it, whenever the caller likes.</summary>
    public StoreFault? SetCacheAside(LayerId layer) =>
        OnClosedCache(
            layer,
            path =>
            {
                Directory.Move(path, path + SetAsideSuffix);
                // By the host's clock, as every file's time is.
                Directory.SetLastWriteTimeUtc(path + SetAsideSuffix, TimeProvider.System.GetUtcNow().UtcDateTime);
                _files.SyncFolder(CachesPath);
                return null;
            }
        );

    /// <summary>Deletes a closed cache, also one that is set aside; none left is success.</summary>
    public StoreFault? DeleteCache(LayerId layer)
    {
        var path = CachePath(layer);
        try
        {
            if (IsOpen(layer))
                return new(StoreFaultKind.InUse, path, "the write cache is open");
            foreach (var folder in (string[])[path, path + SetAsideSuffix])
                if (Directory.Exists(folder))
                {
                    var bytes = SegmentBytesIn(folder);
                    Discard(folder);
                    _space.Grew(-bytes);
                }
            _files.SyncFolder(CachesPath);
            _lostCaches.TryRemove(layer, out _);
            return null;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    private WriteCacheOptions Within(WriteCacheOptions? options) =>
        (options ?? WriteCacheOptions.Default) with
        {
            Space = _space,
            Health = _disk,
            Files = _pool,
            Indexes = _indexes,
        };

    private bool IsOpen(LayerId layer) => _openCaches.ContainsKey(layer) || _copies.ContainsKey(layer);

    private string CachePath(LayerId layer) => Path.Combine(CachesPath, layer.ToString());

    private StoreOutcome<WriteCache> OpenOnce(LayerId layer, Func<string, StoreOutcome<WriteCache>> open)
    {
        var path = CachePath(layer);
        if (!_openCaches.TryAdd(layer, null))
            return new StoreFault(StoreFaultKind.InUse, path, "the write cache is open already");
        var outcome =
            Loss is { } lost ? lost
            : _lostCaches.TryGetValue(layer, out var reason) ? new StoreFault(StoreFaultKind.Damaged, path, reason)
            : open(path);
        if (outcome.Value is { } cache)
        {
            cache.Closed = () =>
            {
                if (cache.IsLost)
                    _lostCaches.TryAdd(layer, cache.Fault?.ToString() ?? LostMark.SyncFailed);
                _openCaches.TryRemove(layer, out _);
            };
            _openCaches[layer] = cache;
            // It was lost while this was opened, and nobody told it.
            if (Loss is { } loss)
                cache.LoseStore(loss);
        }
        else
            _openCaches.TryRemove(layer, out _);
        return outcome;
    }

    private StoreFault? OnClosedCache(LayerId layer, Func<string, StoreFault?> act)
    {
        var path = CachePath(layer);
        if (_copies.ContainsKey(layer) || !_openCaches.TryAdd(layer, null))
            return new(StoreFaultKind.InUse, path, "the write cache is open");
        try
        {
            return Directory.Exists(path) ? act(path) : new(StoreFaultKind.Missing, path, "no write cache");
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
        finally
        {
            _openCaches.TryRemove(layer, out _);
        }
    }

    private StoredCache? Describe(DirectoryInfo folder)
    {
        var isAside = folder.Name.EndsWith(SetAsideSuffix, StringComparison.Ordinal);
        var name = isAside ? folder.Name[..^SetAsideSuffix.Length] : folder.Name;
        if (!LayerId.TryParse(name, null, out var layer))
            return null;
        var segments = folder.EnumerateFiles("*.seg").OrderBy(f => f.Name, StringComparer.Ordinal).ToList();
        var load = new LayerLoad(_files, _pool, folder.FullName);
        StoreFault? fault;
        CacheIdentity? identity = null;
        var epoch = default(Epoch);
        try
        {
            fault = load.Open();
            identity = load.Identity;
            epoch = EpochPromise.Read(_files, folder.FullName) ?? default;
        }
        catch (IOException error)
        {
            fault = StoreFault.From(error, folder.FullName);
        }
        finally
        {
            load.Dispose();
        }
        return new(
            layer,
            identity,
            epoch,
            segments.Sum(f => f.Length),
            new(isAside || segments.Count == 0 ? folder.LastWriteTimeUtc : segments.Max(f => f.LastWriteTimeUtc)),
            isAside,
            IsOpen(layer),
            fault
        );
    }

    // A folder that is being deleted must not look like a cache to anyone who looks meanwhile, or after a kill.
    private void Discard(string folder)
    {
        var grave = Path.Combine(TemporaryPath, Guid.NewGuid().ToString("N"));
        Directory.Move(folder, grave);
        Directory.Delete(grave, recursive: true);
    }
}
