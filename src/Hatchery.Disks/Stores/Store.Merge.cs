namespace Hatchery.Disks;

/// <summary>Making versions: write caches are closed to layers, layers become one, or a new base image. All of it appears with one rename.</summary>
public sealed partial class Store
{
    private const double MergeShare = 0.8;
    private const string RawFormat = "raw";

    /// <summary>
    /// Makes a layer or a base image of the upper end of a chain. What it is made of is compared with its checksums on the way, and stays as it is: it is
    /// the caller's to delete it (<see cref="DeleteCache"/>, <see cref="DeleteImage"/>) when nobody needs it any more. A merge that is interrupted leaves
    /// nothing; one that was done before is done.
    /// </summary>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    /// <param name="pace">Waited for when so many bytes were read, of what is not all zeroes; null: as fast as it goes.</param>
    public Task<StoreOutcome<ImageManifest>> MergeAsync(
        LayerMerge merge,
        TimeProvider time,
        IProgress<int>? progress = null,
        Func<int, CancellationToken, ValueTask>? pace = null,
        CancellationToken cancellation = default
    ) =>
        TransferAsync<ImageManifest>(
            TransferKey(ImageTransferKind.Merge, merge.Layer.ToString()),
            ImagePath(merge.Layer),
            running => Task.Run(() => MergeAsync(merge, running, time, pace), CancellationToken.None),
            progress,
            cancellation
        );

    private async Task<StoreOutcome<ImageManifest>> MergeAsync(
        LayerMerge merge,
        RunningTransfer running,
        TimeProvider time,
        Func<int, CancellationToken, ValueTask>? pace
    )
    {
        if (Holds(merge.Layer))
            return FindImage(merge.Layer);
        if (merge.Cache is not { } cache)
            return await MergeClosedAsync(merge, running, time, pace);
        if (_copies.ContainsKey(cache) || !_openCaches.TryAdd(cache, null))
            return new StoreFault(StoreFaultKind.InUse, CachePath(cache), "the write cache is open");
        try
        {
            return await MergeClosedAsync(merge, running, time, pace);
        }
        finally
        {
            _openCaches.TryRemove(cache, out _);
        }
    }

    private async Task<StoreOutcome<ImageManifest>> MergeClosedAsync(
        LayerMerge merge,
        RunningTransfer running,
        TimeProvider time,
        Func<int, CancellationToken, ValueTask>? pace
    )
    {
        var opened = OpenImage(merge.Chain[0]);
        if (opened.Value is not { } image)
            return opened.Fault!;
        if (FindImage(merge.Chain[^1]).Value is not { } top)
            return new StoreFault(StoreFaultKind.Missing, ImagePath(merge.Chain[^1]), "not there");
        var chainBytes = DiskBlocksBytes(top);
        if (merge.DiskBytes == 0)
            merge = merge with { DiskBytes = chainBytes };
        if (merge.DiskBytes < chainBytes)
            return new StoreFault(
                StoreFaultKind.Refused,
                ImagePath(merge.Layer),
                $"a disk of {chainBytes} bytes cannot become one of {merge.DiskBytes}"
            );
        using (image)
        using (var source = new Layer(merge.DiskBytes / RecordExtent.BlockBytes, image))
        {
            if (_indexes.WhyTight(ImagePath(merge.Layer)) is { } tight)
                return tight;
            if (Load(merge, image, source) is { } fault)
                return fault;
            var indexBytes = source.IndexMemoryBytes;
            _indexes.Add(indexBytes);
            try
            {
                return await MergeAsync(merge, image, source, running, time, pace);
            }
            catch (OperationCanceledException)
            {
                // What is there of it is no use to another attempt.
                ForgetTransfer(running.Folder);
                throw;
            }
            finally
            {
                _indexes.Add(-indexBytes);
            }
        }
    }

    private async Task<StoreOutcome<ImageManifest>> MergeAsync(
        LayerMerge merge,
        BaseImage image,
        Layer source,
        RunningTransfer running,
        TimeProvider time,
        Func<int, CancellationToken, ValueTask>? pace
    )
    {
        var kept = merge.Below == 0 ? ReadChunks(merge.Chain[0]).Value?.DataBytes ?? image.LengthBytes : 0;
        if (NoRoomBesideReserve(source.LiveBytes + kept) is { } full)
            return full;
        Begin(
            running,
            new(
                TransferRecord.CurrentVersion,
                ImageTransferKind.Merge,
                merge.Name,
                ImagePath(merge.Layer),
                merge.Below == 0 ? RawFormat : LayerName,
                merge.Layer.ToString(),
                Units: 1,
                WorkFolder: null,
                time.GetUtcNow()
            )
        );
        var made =
            merge.Below == 0
                ? await MergeToImageAsync(merge, image, source, running, pace)
                : await MergeToLayerAsync(merge, image, source, running, pace);
        return made.Value is { } chunks ? await FinishAsync(merge, image, chunks, running, time) : made.Fault!;
    }

    /// <summary>Everything that is merged, as one index.</summary>
    private StoreFault? Load(LayerMerge merge, BaseImage image, Layer into)
    {
        var slots = 0;
        for (var i = Math.Max(1, merge.Below); i < merge.Chain.Length; i++)
        {
            var path = Path.Combine(ImagePath(merge.Chain[i]), LayerName);
            var found = FindImage(merge.Chain[i]);
            if (found.Value is not { } manifest)
                return found.Fault;
            var lengthBytes = DiskBlocksBytes(manifest);
            var file = new LayerFile(path, merge.Farm, merge.Chain[i], merge.Chain[i - 1], lengthBytes);
            if (file.Load(_files, _pool, into, ref slots) is { } fault)
                return fault;
        }
        return merge.Cache is { } cache ? LoadCache(merge, cache, image, into, slots) : null;
    }

    private StoreFault? LoadCache(LayerMerge merge, LayerId cache, BaseImage image, Layer into, int slots)
    {
        var path = CachePath(cache);
        if (_lostCaches.TryGetValue(cache, out var reason))
            return new(StoreFaultKind.Damaged, path, reason);
        var load = new LayerLoad(_files, _pool, path);
        StoreFault? fault;
        try
        {
            fault = load.Open() ?? WhyNot(load.Identity!) ?? load.Read(into, verifyMaxBytes: 0, slots);
        }
        catch (IOException error)
        {
            fault = StoreFault.From(error, path);
        }
        if (fault is not null)
            load.Dispose();
        return fault;

        StoreFault? WhyNot(CacheIdentity found) =>
            (found.Farm, found.Parent, found.DiskLengthBytes)
            == (merge.Farm, merge.Chain[^1], DiskBlocksBytes(FindImage(merge.Chain[^1]).Value!))
                ? null
                : new(
                    StoreFaultKind.Refused,
                    path,
                    $"the write cache is of farm {found.Farm} and lies on layer {found.Parent}, not on {merge.Chain[^1]}"
                );
    }

    private async Task<StoreOutcome<ImageChunks>> MergeToLayerAsync(
        LayerMerge merge,
        BaseImage image,
        Layer source,
        RunningTransfer running,
        Func<int, CancellationToken, ValueTask>? pace
    )
    {
        var path = Path.Combine(running.Folder, LayerName);
        var identity = new CacheIdentity(
            merge.Farm,
            default,
            default,
            merge.Layer,
            merge.Chain[merge.Below - 1],
            merge.DiskBytes
        );
        var options = WriteCacheOptions.Default;
        if (
            await LayerWriter.WriteAsync(
                _files,
                path,
                source,
                identity,
                options,
                share => running.Report(share * MergeShare),
                pace,
                running.Cancellation
            ) is
            { } fault
        )
            return fault;
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var hashes = new byte[ImageChunks.CountOf(length) * ImageChunks.HashBytes];
        var reader = new ChunkReader(file, length);
        for (long chunk = 0; chunk < ImageChunks.CountOf(length); chunk++)
        {
            var hash = hashes.AsMemory((int)chunk * ImageChunks.HashBytes, ImageChunks.HashBytes);
            await reader.HashAsync(chunk, hash, running.Cancellation);
            if (pace is not null)
                await pace(
                    (int)Math.Min(ImageChunks.ChunkBytes, length - chunk * ImageChunks.ChunkBytes),
                    running.Cancellation
                );
        }
        return ImageChunks.TryRead(hashes, length)!;
    }

    /// <summary>The image as it reads through its layers.</summary>
    private async Task<StoreOutcome<ImageChunks>> MergeToImageAsync(
        LayerMerge merge,
        BaseImage image,
        Layer source,
        RunningTransfer running,
        Func<int, CancellationToken, ValueTask>? pace
    )
    {
        var merged = new MergedDisk(this, merge, source);
        var hashes = new byte[ImageChunks.CountOf(merge.DiskBytes) * ImageChunks.HashBytes];
        using var disk = File.OpenHandle(Path.Combine(running.Folder, DiskName), FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.SetLength(disk, merge.DiskBytes);
        var chunks = ImageChunks.TryRead(hashes, merge.DiskBytes)!;
        var bytes = new byte[ImageChunks.ChunkBytes];
        for (long chunk = 0; chunk < chunks.Count; chunk++)
        {
            running.Cancellation.ThrowIfCancellationRequested();
            running.Report((double)chunk / chunks.Count);
            var data = bytes.AsMemory(0, chunks.LengthOf(chunk));
            var hash = hashes.AsMemory((int)chunk * ImageChunks.HashBytes, ImageChunks.HashBytes);
            if (merged.Read(chunk, data.Span, hash.Span) is { } fault)
                return fault;
            WriteSparse(disk, data.Span, chunk * ImageChunks.ChunkBytes);
            if (pace is not null && data.Span.ContainsAnyExcept((byte)0))
                await pace(data.Length, running.Cancellation);
        }
        return chunks;
    }

    private static bool IsBelow(Layer source, long offset, int length)
    {
        Span<BlockPiece> first = stackalloc BlockPiece[1];
        return source.Find(offset / RecordExtent.BlockBytes, length / RecordExtent.BlockBytes, first) == 1
            && first[0].Source == BlockSource.Below
            && first[0].Take == length / RecordExtent.BlockBytes;
    }

    private async Task<StoreOutcome<ImageManifest>> FinishAsync(
        LayerMerge merge,
        BaseImage image,
        ImageChunks chunks,
        RunningTransfer running,
        TimeProvider time
    )
    {
        new TransferProgress(Path.Combine(running.Folder, ChunksName), ImageChunks.HashBytes).Append(
            0,
            chunks.Hashes(0, chunks.Count),
            sync: true
        );
        var manifest = new ImageManifest(
            merge.Layer,
            merge.Name,
            chunks.LengthBytes,
            chunks.Sha256,
            merge.Below == 0 ? RawFormat : LayerName,
            time.GetUtcNow(),
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes,
            merge.Below == 0 ? null : merge.Chain[merge.Below - 1],
            merge.Below == 0 ? null : merge.DiskBytes,
            merge.Below == 0 ? image.SectorBytes : RecordExtent.BlockBytes
        );
        return await FinishAsync(
            manifest,
            name => merge.Below == 0 ? CompanionPath(merge.Chain[^1], name) : null,
            running
        );
    }
}
