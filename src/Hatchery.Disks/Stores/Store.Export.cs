using System.Text.Json;

namespace Hatchery.Disks;

/// <summary>Giving images out: everything is made in a folder beside the file, synced, and appears with one rename.</summary>
public sealed partial class Store
{
    private const double VerifyShare = 0.3;

    /// <summary>Begins the name of a folder that an export works in; only a killed server leaves one, and it may be deleted.</summary>
    private const string ExportFolderPrefix = ".hatchery-export-";

    /// <summary>
    /// Writes an image to a file in a format of other programs, after comparing its bytes with its manifest. On any failure the
    /// file is what it was before, or not there.
    /// </summary>
    /// <param name="target">Outside the store, in a folder that exists.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    public async Task<StoreOutcome<ExportedImage>> ExportImageAsync(
        LayerId layer,
        string target,
        ExportFormat format,
        bool overwrite = false,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        target = Path.GetFullPath(target);
        var folder = Path.GetDirectoryName(target)!;
        var work = Path.Combine(folder, ExportFolderPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            var found = FindImage(layer);
            if (found.Value is not { } manifest)
                return found.Fault!;
            if (await CannotExportAsync(manifest, target, folder, format, overwrite, cancellation) is { } fault)
                return fault;
            Directory.CreateDirectory(work);
            return await ExportAsync(manifest, work, target, format, overwrite, progress, cancellation);
        }
        catch (IOException error)
        {
            return StoreFault.From(error, target);
        }
        catch (UnauthorizedAccessException error)
        {
            return new StoreFault(StoreFaultKind.IoError, target, error.Message);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private async Task<StoreFault?> CannotExportAsync(
        ImageManifest manifest,
        string target,
        string folder,
        ExportFormat format,
        bool overwrite,
        CancellationToken cancellation
    )
    {
        if (Directory.Exists(target))
            return new(StoreFaultKind.Refused, target, "a folder: give the name of a file");
        if (!Directory.Exists(folder))
            return new(StoreFaultKind.Missing, folder, "not there, or no folder");
        if ((folder + '/').StartsWith(RootPath + '/', StringComparison.Ordinal))
            return new(StoreFaultKind.Refused, target, "inside the store, where only images and write caches lie");
        if (File.Exists(target) && !overwrite)
            return AlreadyThere(target);
        var disk = DiskPath(manifest);
        var (map, fault) = await QemuImg.MapAsync(disk, "raw", cancellation);
        using (map)
        {
            if (map is null)
                return fault;
            var required = ExportBytes(map.RootElement, manifest.LengthBytes, format);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            return required <= free - FreeMarginBytes
                ? null
                : new(
                    StoreFaultKind.NoSpace,
                    folder,
                    $"{required} bytes are needed, and {free} are free, of which {FreeMarginBytes} stay so"
                );
        }
    }

    private async Task<StoreOutcome<ExportedImage>> ExportAsync(
        ImageManifest manifest,
        string work,
        string target,
        ExportFormat format,
        bool overwrite,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        var disk = DiskPath(manifest);
        var expected = new ImageFile(manifest.LengthBytes, manifest.Sha256);
        var verified = Progress(manifest.LengthBytes, 0, VerifyShare, progress);
        if (await VerifyFileAsync(disk, expected, verified, cancellation) is { } damaged)
            return damaged;
        // In a folder of its own under its own name, since VMDK writes the file's name into the file.
        var made = Path.Combine(work, Path.GetFileName(target));
        void Converted(double percent) => progress?.Report((int)((100 * VerifyShare) + (percent * (1 - VerifyShare))));
        if (await QemuImg.ExportAsync(disk, made, format, Converted, cancellation) is { } fault)
            return fault;
        long length;
        using (var file = _files.OpenRead(made))
        {
            file.Sync();
            length = file.Length;
        }
        cancellation.ThrowIfCancellationRequested();
        try
        {
            File.Move(made, target, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(target))
        {
            return AlreadyThere(target);
        }
        _files.SyncFolder(Path.GetDirectoryName(target)!);
        progress?.Report(100);
        return new ExportedImage(target, length);
    }

    /// <summary>What an export takes at most: formats that are not raw keep clusters of 64 KiB, and tables of some bytes for each.</summary>
    private static long ExportBytes(JsonElement map, long lengthBytes, ExportFormat format)
    {
        const long ClusterBytes = 64 << 10;
        const long HeadersMaxBytes = 4 << 20;
        const int BytesPerTableByte = 1024;
        if (format.Driver == "raw")
            return ImageSource.DataRanges(map).Sum(r => r.LengthBytes);
        var (clusters, next) = (0L, 0L);
        foreach (var (start, length) in ImageSource.DataRanges(map))
        {
            var end = (start + length + ClusterBytes - 1) / ClusterBytes;
            clusters += Math.Max(end - Math.Max(start / ClusterBytes, next), 0);
            next = Math.Max(next, end);
        }
        return (clusters * ClusterBytes) + (lengthBytes / BytesPerTableByte) + HeadersMaxBytes;
    }

    private string DiskPath(ImageManifest manifest) => Path.Combine(ImagePath(manifest.Layer), DiskName);

    private static StoreFault AlreadyThere(string target) =>
        new(StoreFaultKind.Exists, target, "it is there already, and is replaced only by force");
}

/// <summary>A file that an image was written to.</summary>
public sealed record ExportedImage(string Path, long LengthBytes);
