namespace Hatchery.Disks;

/// <summary>Taking images in: everything is made under a temporary name, hashed and synced, and appears with one rename.</summary>
public sealed partial class Store
{
    /// <summary>What stays free beside a new image, for the write caches of devices that run.</summary>
    private const long FreeMarginBytes = 16 << 20;

    private const double CopyShare = 0.8;

    /// <summary>
    /// Imports whatever qemu-img can read. A failed import leaves nothing; one that was cancelled, or whose server died, continues when
    /// the same name and file are imported again and the file is what it was, and starts over otherwise.
    /// </summary>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    /// <param name="notice">Told in a sentence that an earlier import is continued, or why it is not.</param>
    public Task<StoreOutcome<ImageManifest>> ImportImageAsync(
        ImageImport import,
        TimeProvider time,
        IProgress<int>? progress = null,
        Action<string>? notice = null,
        CancellationToken cancellation = default
    )
    {
        var source = Path.GetFullPath(import.SourcePath);
        return TransferAsync<ImageManifest>(
            TransferKey(ImageTransferKind.Import, import.Name),
            source,
            running => ImportAsync(import, source, running, time, notice),
            progress,
            cancellation
        );
    }

    private async Task<StoreOutcome<ImageManifest>> ImportAsync(
        ImageImport import,
        string path,
        RunningTransfer running,
        TimeProvider time,
        Action<string>? notice
    )
    {
        if (Directory.Exists(ImagePath(import.Layer)))
            return new StoreFault(StoreFaultKind.Exists, ImagePath(import.Layer), "the image is there already");
        var inspected = await ImageSource.InspectAsync(path, import.Format, running.Cancellation);
        if (inspected.Value is not { } source)
            return inspected.Fault!;
        if (source.Slices.DiskBytes % import.SectorBytes != 0 && import.SectorBytes != RecordExtent.BlockBytes)
            return new StoreFault(
                StoreFaultKind.Refused,
                path,
                $"a disk of {source.Slices.DiskBytes} bytes is no whole number of sectors of {import.SectorBytes} bytes"
            );
        if (Missing(import.KernelPath, import.InitrdPath) is { } missing)
            return missing;
        var record = new TransferRecord(
            TransferRecord.CurrentVersion,
            ImageTransferKind.Import,
            import.Name,
            path,
            source.Format,
            $"{source.Identity} {source.Format} {source.Slices.DiskBytes}",
            ImageChunks.CountOf(source.Slices.DiskBytes),
            null,
            time.GetUtcNow()
        );
        var isResumed = Resume(running, record, notice);
        var progress = new TransferProgress(Path.Combine(running.Folder, ChunksName), ImageChunks.HashBytes);
        var entries = isResumed ? progress.Read() : [];
        var first = source.Slices.SlicesIn(entries.Length / ImageChunks.HashBytes);
        if (isResumed)
            notice?.Invoke($"continues at {(int)(100 * source.Slices.Share(first))} %: {path} has not changed since");
        if (NoRoom(RootPath, source.Slices.DataBytesFrom(first)) is { } full)
            return full;
        var copied = await CopyInAsync(source, running, first, entries, progress);
        if (copied.Value is not { } chunks)
            return copied.Fault!;
        if (FileIdentity.Of(path) != source.Identity)
            return new StoreFault(StoreFaultKind.Refused, path, "it changed while it was imported: import it again");
        return await FinishAsync(import, source, chunks, running, time);
    }

    /// <summary>Copies slice after slice, and hashes what lies in the store, not what was read.</summary>
    private async Task<StoreOutcome<ImageChunks>> CopyInAsync(
        ImageSource source,
        RunningTransfer running,
        int first,
        byte[] entries,
        TransferProgress progress
    )
    {
        var (disk, slices, cancellation) = (
            Path.Combine(running.Folder, DiskName),
            source.Slices,
            running.Cancellation
        );
        using var file = File.OpenHandle(
            disk,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        RandomAccess.SetLength(file, slices.DiskBytes);
        var hashes = new byte[ImageChunks.CountOf(slices.DiskBytes) * ImageChunks.HashBytes];
        entries.AsSpan(0, (int)slices.ChunksBefore(first) * ImageChunks.HashBytes).CopyTo(hashes);
        var reader = new ChunkReader(file, slices.DiskBytes);
        running.Report(slices.Share(first));
        for (var slice = first; slice < slices.Count; slice++)
        {
            cancellation.ThrowIfCancellationRequested();
            var hasData = slices.HasData(slice);
            if (hasData)
            {
                var fault = await QemuImg.CopyAsync(
                    (source.Path, source.Format),
                    (disk, "raw"),
                    ImageSlices.StartOf(slice),
                    slices.LengthOf(slice),
                    percent => running.Report(slices.Share(slice, CopyShare * percent / 100)),
                    cancellation
                );
                if (fault is not null)
                    return fault;
                Sync(disk);
                reader.Changed();
            }
            var (from, to) = (slices.ChunksBefore(slice), slices.ChunksBefore(slice + 1));
            for (var chunk = from; chunk < to; chunk++)
                await reader.HashAsync(chunk, hashes.AsMemory((int)chunk * ImageChunks.HashBytes), cancellation);
            var at = (int)from * ImageChunks.HashBytes;
            progress.Append(at, hashes.AsMemory(at, (int)(to - from) * ImageChunks.HashBytes), sync: hasData);
            if (hasData)
                running.Report(slices.Share(slice + 1));
        }
        Sync(Path.Combine(running.Folder, ChunksName));
        return ImageChunks.TryRead(hashes, slices.DiskBytes)!;
    }

    private async Task<StoreOutcome<ImageManifest>> FinishAsync(
        ImageImport import,
        ImageSource source,
        ImageChunks chunks,
        RunningTransfer running,
        TimeProvider time
    )
    {
        var manifest = new ImageManifest(
            import.Layer,
            import.Name,
            chunks.LengthBytes,
            chunks.Sha256,
            source.Format,
            time.GetUtcNow(),
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes,
            SectorBytes: import.SectorBytes
        );
        return await FinishAsync(
            manifest,
            name => name == ImageCompanion.Kernel ? import.KernelPath : import.InitrdPath,
            running
        );
    }

    /// <summary>What was made gets its companions, its manifest and its name.</summary>
    private async Task<StoreOutcome<ImageManifest>> FinishAsync(
        ImageManifest manifest,
        Func<ImageCompanion, string?> companionPath,
        RunningTransfer running
    )
    {
        var work = running.Folder;
        Sync(Path.Combine(work, NameOf(manifest)));
        var companions = new Dictionary<string, ImageFile>(StringComparer.Ordinal);
        foreach (var companion in Enum.GetValues<ImageCompanion>())
            await CopyCompanionAsync(companionPath(companion), companion);
        manifest = manifest with { Companions = companions };
        using (var file = _files.Create(Path.Combine(work, ManifestName)))
        {
            file.Write([manifest.ToJson()], 0);
            file.Sync();
        }
        _files.SyncFolder(work);
        Directory.Move(work, ImagePath(manifest.Layer));
        File.Delete(Path.Combine(ImagePath(manifest.Layer), TransferRecord.FileName));
        _files.SyncFolder(ImagesPath);
        running.Report(1);
        return manifest;

        async Task CopyCompanionAsync(string? path, ImageCompanion companion)
        {
            if (path is null)
                return;
            var name = ImageManifest.FileName(companion);
            using var copy = _files.Create(Path.Combine(work, name));
            companions[name] = await FileHash.ReadAsync(
                path,
                (piece, offset) =>
                {
                    copy.Write([piece], offset);
                    return ValueTask.CompletedTask;
                },
                running.Cancellation
            );
            copy.Sync();
        }
    }

    private void Sync(string path)
    {
        using var file = _files.OpenRead(path);
        file.Sync();
    }

    private static StoreFault? NoRoom(string folder, long requiredBytes) =>
        new DriveInfo(folder).AvailableFreeSpace is var free && requiredBytes > free - FreeMarginBytes
            ? new(
                StoreFaultKind.NoSpace,
                folder,
                $"{requiredBytes} bytes are needed, and {free} are free, of which {FreeMarginBytes} stay so"
            )
            : null;

    private static StoreFault? Missing(params string?[] paths) =>
        paths.FirstOrDefault(p => p is not null && !File.Exists(p)) is { } path
            ? new(StoreFaultKind.Missing, path, "not there, or no file")
            : null;
}
