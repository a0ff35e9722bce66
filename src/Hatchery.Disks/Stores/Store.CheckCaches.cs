namespace Hatchery.Disks;

public sealed partial class Store
{
    /// <summary>With compaction under way a segment may go between two looks at the folder.</summary>
    private const int LooksAtOpen = 3;

    /// <summary>
    /// Reads a write cache that lies here and compares every record with its checksum; of one that is open everything but the segment that is
    /// written to just now, whose records are compared when they are read. Null: it is whole.
    /// </summary>
    public StoreFault? CheckCache(LayerId layer, CancellationToken cancellation = default)
    {
        StoreFault? fault = null;
        for (var look = 0; look < LooksAtOpen; look++)
        {
            var isOpen = IsOpen(layer);
            fault = LookAt(layer, isOpen, cancellation);
            if (fault is null || (!isOpen && !IsOpen(layer)))
                break;
        }
        return fault;
    }

    /// <summary>
    /// A copy that was found damaged is used no more. A device that is streamed from it goes on at another server that has one, and a further copy is
    /// made: it is for the caller to know that there is one.
    /// </summary>
    public void GiveUpCache(LayerId layer, StoreFault damage)
    {
        if (_openCaches.GetValueOrDefault(layer) is { } cache)
        {
            cache.GiveUp(damage);
            return;
        }
        if (!Directory.Exists(CachePath(layer)))
            return;
        LostMark.Make(_files, CachePath(layer), damage.ToString());
        _lostCaches.TryAdd(layer, damage.ToString());
        _copies.GetValueOrDefault(layer)?.GiveUp();
    }

    private StoreFault? LookAt(LayerId layer, bool isOpen, CancellationToken cancellation)
    {
        if (_lostCaches.TryGetValue(layer, out var reason))
            return new(StoreFaultKind.Damaged, CachePath(layer), reason);
        using var load = new LayerLoad(_files, _pool, CachePath(layer));
        try
        {
            return load.Open() ?? load.Verify(isOpen, cancellation);
        }
        catch (IOException error)
        {
            return StoreFault.From(error, CachePath(layer));
        }
    }
}
