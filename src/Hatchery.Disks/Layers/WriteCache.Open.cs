namespace Hatchery.Disks;

/// <summary>Creating a cache, and opening one again.</summary>
public sealed partial class WriteCache
{
    internal static StoreOutcome<WriteCache> Create(
        IFileSystem files,
        string folder,
        CacheIdentity identity,
        Epoch epoch,
        WriteCacheOptions options,
        IBlockReader below
    )
    {
        try
        {
            if (files.List(folder).Any(f => SegmentName.NumberOf(f) is not null))
                return new StoreFault(StoreFaultKind.Exists, folder, "the write cache is there already");
            files.CreateFolder(folder);
            files.SyncFolder(Path.GetDirectoryName(folder)!);
            EpochPromise.Write(files, folder, epoch);
            var cache = new WriteCache(files, folder, identity, epoch, options, below);
            // Nobody else writes before the first header is there, whatever the mirror asks for.
            cache._writing = true;
            options.Mirror?.Begin(cache);
            cache.BeginSegment();
            cache.WriteQueued();
            return cache;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, folder);
        }
    }

    /// <summary>Opens a cache for a new epoch, which it promises first. What is appended goes to a new segment: a file is never appended to after it was reopened.</summary>
    internal static StoreOutcome<WriteCache> Open(
        IFileSystem files,
        string folder,
        Epoch epoch,
        WriteCacheOptions options,
        LayerId layer,
        IBlockReader below
    )
    {
        var load = new LayerLoad(files, options.Files, folder);
        var outcome = Open(files, folder, epoch, options, layer, below, load);
        if (outcome.Fault is not null)
            load.Dispose();
        return outcome;
    }

    private static StoreOutcome<WriteCache> Open(
        IFileSystem files,
        string folder,
        Epoch epoch,
        WriteCacheOptions options,
        LayerId layer,
        IBlockReader below,
        LayerLoad load
    )
    {
        try
        {
            if (EpochPromise.Read(files, folder) is not { } promised)
                return new StoreFault(StoreFaultKind.Damaged, folder, "the promise of an epoch is damaged");
            if (epoch < promised)
                return new StoreFault(StoreFaultKind.Fenced, folder, $"{epoch} is over: {promised} was promised");
            if (load.Open() is { } fault)
                return fault;
            var identity = load.Identity!;
            if (
                identity.Layer != layer
                || identity.Parent != below.Layer
                || identity.DiskLengthBytes != below.LengthBytes
            )
                return new StoreFault(
                    StoreFaultKind.Refused,
                    folder,
                    "the write cache belongs to another layer, or lies on another image"
                );
            var cache = new WriteCache(files, folder, identity, epoch, options, below);
            if (load.Read(cache._layer, options.VerifyAtOpenMaxBytes) is { } damage)
                return damage;
            if (epoch < load.Recovery.NewestEpoch)
                return new StoreFault(
                    StoreFaultKind.Fenced,
                    folder,
                    $"{epoch} is over: {load.Recovery.NewestEpoch} has written"
                );
            load.SyncNewest();
            // What is appended from now on is this host's own.
            if (HostRunMark.Read(files, folder) is { } run && run != files.HostRun)
                HostRunMark.Write(files, folder);
            if (epoch > promised)
                EpochPromise.Write(files, folder, epoch);
            foreach (var leftover in load.Leftovers)
                files.Delete(leftover);
            cache._closedSegments.AddRange(load.Segments);
            cache._gaps = ClosedSegment.GapsIn(load.Segments, load.Segments[^1].Number + 1);
            cache._sizeBytes = load.Recovery.SizeBytes;
            cache.CountIndex();
            cache.Recovery = load.Recovery;
            cache._needsClosing = !load.IsClosed && !load.Recovery.LostPower;
            options.Mirror?.Begin(cache);
            return cache;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, folder);
        }
    }
}
