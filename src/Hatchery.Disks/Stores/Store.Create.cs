namespace Hatchery.Disks;

public sealed partial class Store
{
    private const string EmptyFormat = "empty";

    /// <summary>Makes a base image that reads as zeroes. It takes no room but for the hashes of its chunks, 8 bytes a MiB.</summary>
    /// <param name="lengthBytes">A whole number of sectors.</param>
    public Task<StoreOutcome<ImageManifest>> CreateImageAsync(
        LayerId layer,
        string name,
        long lengthBytes,
        int sectorBytes,
        TimeProvider time,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(lengthBytes % sectorBytes, 0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, RecordHeader.DiskLengthMaxBytes);
        return TransferAsync<ImageManifest>(
            // As a merge: one that is interrupted is no use to anybody.
            TransferKey(ImageTransferKind.Merge, layer.ToString()),
            ImagePath(layer),
            running => CreateAsync(layer, name, lengthBytes, sectorBytes, running, time),
            progress: null,
            cancellation
        );
    }

    private async Task<StoreOutcome<ImageManifest>> CreateAsync(
        LayerId layer,
        string name,
        long lengthBytes,
        int sectorBytes,
        RunningTransfer running,
        TimeProvider time
    )
    {
        var hashes = new byte[ImageChunks.CountOf(lengthBytes) * ImageChunks.HashBytes];
        if (NoRoom(RootPath, hashes.Length) is { } full)
            return full;
        Begin(
            running,
            new(
                TransferRecord.CurrentVersion,
                ImageTransferKind.Merge,
                name,
                ImagePath(layer),
                EmptyFormat,
                layer.ToString(),
                Units: 1,
                WorkFolder: null,
                time.GetUtcNow()
            )
        );
        for (var chunk = 0; chunk < hashes.Length / ImageChunks.HashBytes; chunk++)
        {
            var left = lengthBytes - (chunk * (long)ImageChunks.ChunkBytes);
            ImageChunks
                .HashOfZeroes((int)Math.Min(ImageChunks.ChunkBytes, left))
                .CopyTo(hashes.AsMemory(chunk * ImageChunks.HashBytes));
        }
        using (var disk = File.OpenHandle(Path.Combine(running.Folder, DiskName), FileMode.Create, FileAccess.Write))
            RandomAccess.SetLength(disk, lengthBytes);
        new TransferProgress(Path.Combine(running.Folder, ChunksName), ImageChunks.HashBytes).Append(
            0,
            hashes,
            sync: true
        );
        var manifest = new ImageManifest(
            layer,
            name,
            lengthBytes,
            ImageChunks.HashOf(hashes),
            EmptyFormat,
            time.GetUtcNow(),
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes,
            SectorBytes: sectorBytes
        );
        return await FinishAsync(manifest, _ => null, running);
    }
}
