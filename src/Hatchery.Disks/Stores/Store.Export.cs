namespace Hatchery.Disks;

/// <summary>Giving images out: everything is made in a folder beside the file, synced, and appears with one rename.</summary>
public sealed partial class Store
{
    /// <summary>Begins the name of a folder that an export works in, which ends with the transfer's key.</summary>
    private const string ExportFolderPrefix = ".hatchery-export-";

    private const double VerifyShare = 0.3;

    /// <summary>
    /// Writes an image to a file in a format of other programs, comparing its bytes with its manifest on the way; a layer as it reads with everything below
    /// it. On any failure the file is what it was before, or not there. An export of an image that was cancelled, or whose server died, continues when the
    /// same is exported to the same file again; it is then compared with the image as a whole before it gets its name.
    /// </summary>
    /// <param name="target">Outside the store, in a folder that exists.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    /// <param name="farm">Whose layers they have to be.</param>
    /// <param name="notice">Told in a sentence that an earlier export is continued, or why it is not.</param>
    public Task<StoreOutcome<ExportedImage>> ExportImageAsync(
        LayerId layer,
        string target,
        ExportFormat format,
        bool overwrite = false,
        IProgress<int>? progress = null,
        Action<string>? notice = null,
        TimeProvider? time = null,
        FarmId farm = default,
        CancellationToken cancellation = default
    )
    {
        target = Path.GetFullPath(target);
        return TransferAsync<ExportedImage>(
            TransferKey(ImageTransferKind.Export, target),
            target,
            async running =>
            {
                var found = FindImage(layer);
                if (found.Value is not { } manifest)
                    return found.Fault!;
                if (CannotExport(target, overwrite) is { } fault)
                    return fault;
                var slices = new ImageSlices(manifest.DiskBytes, format.ClusterBytes);
                var record = new TransferRecord(
                    TransferRecord.CurrentVersion,
                    ImageTransferKind.Export,
                    manifest.Name,
                    target,
                    format.Name,
                    $"{manifest.Layer} {manifest.Sha256} {format.Name}",
                    slices.Count,
                    Path.Combine(Path.GetDirectoryName(target)!, ExportFolderPrefix + Path.GetFileName(running.Folder)),
                    (time ?? TimeProvider.System).GetUtcNow()
                );
                return manifest.Parent is null
                    ? await ExportAsync(manifest, slices, running, record, format, overwrite, notice)
                    : await ExportLayersAsync(manifest, farm, running, record, format, overwrite);
            },
            progress,
            cancellation
        );
    }

    private StoreFault? CannotExport(string target, bool overwrite)
    {
        var folder = Path.GetDirectoryName(target);
        if (folder is null || Directory.Exists(target))
            return new(StoreFaultKind.Refused, target, "a folder: give the name of a file");
        if (!Directory.Exists(folder))
            return new(StoreFaultKind.Missing, folder, "not there, or no folder");
        if ((folder + '/').StartsWith(RootPath + '/', StringComparison.Ordinal))
            return new(StoreFaultKind.Refused, target, "inside the store, where only images and write caches lie");
        return File.Exists(target) && !overwrite ? AlreadyThere(target) : null;
    }

    private async Task<StoreOutcome<ExportedImage>> ExportAsync(
        ImageManifest manifest,
        ImageSlices slices,
        RunningTransfer running,
        TransferRecord record,
        ExportFormat format,
        bool overwrite,
        Action<string>? notice
    )
    {
        var (cancellation, disk, target) = (running.Cancellation, DiskPath(manifest), record.Path);
        if (await QemuImg.MapAsync(disk, "raw", slices.Add, cancellation) is { } unmapped)
            return unmapped;
        // In a folder of its own under its own name, since VMDK writes the file's name into the file.
        var made = Path.Combine(record.WorkFolder!, Path.GetFileName(target));
        var progress = new TransferProgress(Path.Combine(running.Folder, SlicesName), 1);
        var isResumed = Resume(running, record, notice);
        var first = Math.Min(isResumed ? progress.Read().Length : 0, slices.Count);
        if (isResumed)
        {
            isResumed = File.Exists(made) && await QemuImg.CheckAsync(made, format.Driver, cancellation) is null;
            notice?.Invoke(
                isResumed
                    ? $"continues at {(int)(100 * slices.Share(first))} %: the image is the same"
                    : "starts over: what the interrupted export left is not whole"
            );
        }
        if (
            NoRoom(
                Path.GetDirectoryName(target)!,
                slices.DataBytesFrom(isResumed ? first : 0) + format.TableBytes(slices)
            ) is
            { } full
        )
            return full;
        if (!isResumed)
        {
            first = 0;
            Begin(running, record);
            Directory.CreateDirectory(record.WorkFolder!);
            if (await QemuImg.CreateAsync(made, format, manifest.LengthBytes, cancellation) is { } fault)
                return fault;
        }
        if (await CopyOutAsync(manifest, slices, first, (made, format.Driver), progress, running) is { } failed)
            return failed;
        if (
            isResumed
            && await QemuImg.CompareAsync((disk, "raw"), (made, format.Driver), manifest.LengthBytes, cancellation)
                is { } other
        )
            return other with { Path = target };
        return Place(made, target, overwrite, running);
    }

    /// <summary>Gives what was made its name.</summary>
    private StoreOutcome<ExportedImage> Place(string made, string target, bool overwrite, RunningTransfer running)
    {
        Sync(made);
        running.Cancellation.ThrowIfCancellationRequested();
        try
        {
            File.Move(made, target, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(target))
        {
            return AlreadyThere(target);
        }
        _files.SyncFolder(Path.GetDirectoryName(target)!);
        running.Report(1);
        return new ExportedImage(target, new FileInfo(target).Length);
    }

    private async Task<StoreFault?> CopyOutAsync(
        ImageManifest manifest,
        ImageSlices slices,
        int first,
        (string Path, string Driver) made,
        TransferProgress progress,
        RunningTransfer running
    )
    {
        var cancellation = running.Cancellation;
        var opened = await ChunkVerifier.OpenAsync(this, manifest, cancellation);
        if (opened.Value is not { } verifier)
            return opened.Fault;
        using (verifier)
            for (var slice = first; slice < slices.Count; slice++)
            {
                cancellation.ThrowIfCancellationRequested();
                running.Report(slices.Share(slice));
                if (
                    await verifier.VerifyAsync(
                        slices.ChunksBefore(slice),
                        slices.ChunksBefore(slice + 1),
                        cancellation
                    ) is
                    { } damaged
                )
                    return damaged;
                if (!slices.HasData(slice))
                    continue;
                var fault = await QemuImg.CopyAsync(
                    (DiskPath(manifest), "raw"),
                    made,
                    ImageSlices.StartOf(slice),
                    slices.LengthOf(slice),
                    percent => running.Report(slices.Share(slice, VerifyShare + ((1 - VerifyShare) * percent / 100))),
                    cancellation
                );
                if (fault is not null)
                    return fault;
                Sync(made.Path);
                progress.Append(0, Enumerable.Repeat((byte)1, slice + 1).ToArray(), sync: true);
            }
        return null;
    }

    private string DiskPath(ImageManifest manifest) => Path.Combine(ImagePath(manifest.Layer), NameOf(manifest));

    private static StoreFault AlreadyThere(string target) =>
        new(StoreFaultKind.Exists, target, "it is there already, and is replaced only by force");
}

/// <summary>A file that an image was written to.</summary>
public sealed record ExportedImage(string Path, long LengthBytes);
