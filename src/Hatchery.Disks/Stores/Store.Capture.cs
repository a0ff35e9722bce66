namespace Hatchery.Disks;

/// <summary>Images that machines send, chunk after chunk: made like an import, and whole before anybody sees them.</summary>
public sealed partial class Store
{
    /// <summary>Longer disks are not taken.</summary>
    public const long CaptureMaxBytes = 64L << 40;

    private const string MachineFormat = "machine";

    /// <summary>Begins to take in a machine's disk, or once more: what came of it before need not be sent again where it is the same.</summary>
    public StoreOutcome<Capture> BeginCapture(MachineDisk disk, TimeProvider time)
    {
        if (
            disk.SectorBytes is not (RecordExtent.BlockBytes or ImageManifest.LargeSectorBytes)
            || disk.LengthBytes is <= 0 or > CaptureMaxBytes
            || disk.LengthBytes % disk.SectorBytes != 0
        )
            return new StoreFault(
                StoreFaultKind.Refused,
                disk.Machine,
                $"a disk of {disk.LengthBytes} bytes in sectors of {disk.SectorBytes} bytes is not taken"
            );
        if (Directory.Exists(ImagePath(disk.Layer)))
            return new StoreFault(StoreFaultKind.Exists, ImagePath(disk.Layer), "the image is there already");
        if (Missing(disk.KernelPath, disk.InitrdPath) is { } missing)
            return missing;
        var key = CaptureKey(disk.Layer);
        var running = new RunningTransfer(Path.Combine(TemporaryPath, key), null, CancellationToken.None)
        {
            IsKept = true,
        };
        if (!_running.TryAdd(key, running))
        {
            running.Dispose();
            return new StoreFault(StoreFaultKind.InUse, disk.Machine, "its disk is being taken in already");
        }
        try
        {
            Resume(
                running,
                new(
                    TransferRecord.CurrentVersion,
                    ImageTransferKind.Capture,
                    disk.Name,
                    disk.Machine,
                    MachineFormat,
                    $"{disk.LengthBytes} {disk.SectorBytes}",
                    ImageChunks.CountOf(disk.LengthBytes),
                    null,
                    time.GetUtcNow()
                ),
                notice: null
            );
            return new Capture(this, key, running, disk, time);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            Finish(key, running, isKept: true);
            running.Dispose();
            return cannot is IOException error
                ? StoreFault.From(error, running.Folder)
                : new StoreFault(StoreFaultKind.IoError, running.Folder, cannot.Message);
        }
    }

    /// <summary>Deletes what came of machines' disks that nobody waits for any more, and that are not being taken in now.</summary>
    public void ForgetCaptures(IEnumerable<LayerId> wanted)
    {
        var keys = wanted.Select(CaptureKey).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in new DirectoryInfo(TemporaryPath).EnumerateDirectories())
            if (
                TransferRecord.TryRead(folder.FullName) is { Kind: ImageTransferKind.Capture }
                && !keys.Contains(folder.Name)
                && !_running.ContainsKey(folder.Name)
            )
                ForgetTransfer(folder.FullName);
    }

    private static string CaptureKey(LayerId layer) => TransferKey(ImageTransferKind.Capture, layer.ToString());
}
