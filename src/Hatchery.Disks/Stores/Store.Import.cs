namespace Hatchery.Disks;

/// <summary>Taking images in: everything is made under a temporary name, hashed and synced, and appears with one rename.</summary>
public sealed partial class Store
{
    /// <summary>What stays free beside a new image, for the write caches of devices that run.</summary>
    private const long FreeMarginBytes = 16 << 20;

    private const double CopyShare = 0.8;

    /// <summary>Imports whatever qemu-img can read. On any failure, and on a kill, nothing is left that looks like an image.</summary>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    public async Task<StoreOutcome<ImageManifest>> ImportImageAsync(
        ImageImport import,
        TimeProvider time,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var work = Path.Combine(TemporaryPath, Guid.NewGuid().ToString("N"));
        var source = Path.GetFullPath(import.SourcePath);
        try
        {
            if (Directory.Exists(ImagePath(import.Layer)))
                return new StoreFault(StoreFaultKind.Exists, ImagePath(import.Layer), "the image is there already");
            var inspected = await ImageSource.InspectAsync(source, import.Format, cancellation);
            if (inspected.Value is not { } image)
                return inspected.Fault!;
            if (Missing(import.KernelPath, import.InitrdPath) is { } missing)
                return missing;
            if (image.RequiredBytes > FreeBytes - FreeMarginBytes)
                return new StoreFault(
                    StoreFaultKind.NoSpace,
                    RootPath,
                    $"{image.RequiredBytes} bytes are needed, and {FreeBytes} are free, of which {FreeMarginBytes} stay so"
                );
            Directory.CreateDirectory(work);
            return await ImportAsync(import, image, work, time, progress, cancellation);
        }
        catch (IOException error)
        {
            return StoreFault.From(error, source);
        }
        catch (UnauthorizedAccessException error)
        {
            return new StoreFault(StoreFaultKind.IoError, source, error.Message);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private async Task<StoreOutcome<ImageManifest>> ImportAsync(
        ImageImport import,
        ImageSource source,
        string work,
        TimeProvider time,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        var disk = Path.Combine(work, DiskName);
        void Copied(double percent) => progress?.Report((int)(percent * CopyShare));
        if (await QemuImg.ConvertAsync(source.Path, source.Format, disk, Copied, cancellation) is { } fault)
            return fault;
        var length = new FileInfo(disk).Length;
        var hash = await FileHash.ReadAsync(disk, Progress(length, CopyShare, 1, progress), cancellation);
        using (var file = _files.OpenRead(disk))
            file.Sync();
        var companions = new Dictionary<string, ImageFile>(StringComparer.Ordinal);
        await CopyCompanionAsync(import.KernelPath, ImageCompanion.Kernel);
        await CopyCompanionAsync(import.InitrdPath, ImageCompanion.Initrd);
        var manifest = new ImageManifest(
            import.Layer,
            import.Name,
            hash.LengthBytes,
            hash.Sha256,
            source.Format,
            time.GetUtcNow(),
            companions
        );
        using (var file = _files.Create(Path.Combine(work, ManifestName)))
        {
            file.Write([manifest.ToJson()], 0);
            file.Sync();
        }
        _files.SyncFolder(work);
        Directory.Move(work, ImagePath(import.Layer));
        _files.SyncFolder(ImagesPath);
        progress?.Report(100);
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
                cancellation
            );
            copy.Sync();
        }
    }

    /// <summary>Reports how far a file of that length is read, as the part of the whole between two shares, 0 to 1.</summary>
    private static Func<ReadOnlyMemory<byte>, long, ValueTask> Progress(
        long length,
        double from,
        double to,
        IProgress<int>? progress
    ) =>
        (piece, offset) =>
        {
            progress?.Report((int)(100 * (from + ((to - from) * (offset + piece.Length) / Math.Max(length, 1)))));
            return ValueTask.CompletedTask;
        };

    private static StoreFault? Missing(params string?[] paths) =>
        paths.FirstOrDefault(p => p is not null && !File.Exists(p)) is { } path
            ? new(StoreFaultKind.Missing, path, "not there, or no file")
            : null;
}
