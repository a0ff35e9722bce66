using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

public sealed partial class Store
{
    /// <summary>
    /// Fetches what is damaged of an image from another server's copy. Each chunk is compared with its hash before it is written in its place, where
    /// those who have the image open see it, and read back; nothing else is touched. Interrupted, it is done again.
    /// </summary>
    /// <param name="manifest">As the other server has it; its hash is the one that the image should have.</param>
    /// <param name="chunks">The hashes that the image's own hash was made of.</param>
    /// <exception cref="ReplicaException">The source sent other bytes than those of the image.</exception>
    public Task<StoreOutcome<ImageManifest>> RepairImageAsync(
        ImageManifest manifest,
        ImageChunks chunks,
        IReplicaSource source,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        TransferAsync<ImageManifest>(
            ReplicaKey(manifest.Layer),
            ImagePath(manifest.Layer),
            running => RepairAsync(manifest, chunks, source, running),
            progress,
            cancellation
        );

    private async Task<StoreOutcome<ImageManifest>> RepairAsync(
        ImageManifest manifest,
        ImageChunks chunks,
        IReplicaSource source,
        RunningTransfer running
    )
    {
        var folder = ImagePath(manifest.Layer);
        if (!Directory.Exists(folder))
            return new StoreFault(StoreFaultKind.Missing, folder, "not there");
        if (chunks.Sha256 != manifest.Sha256 || chunks.LengthBytes != manifest.LengthBytes)
            throw new ReplicaException("the hashes of the chunks are not those of the image");
        foreach (var (name, file) in manifest.Companions)
            if (await RepairCompanionAsync(folder, name, file, source, running.Cancellation) is { } unfetched)
                return unfetched;
        var path = Path.Combine(folder, NameOf(manifest));
        if (await RepairDiskAsync(path, chunks, source, running) is { } fault)
            return fault;
        if (ReadChunks(manifest).Value is null)
            Replace(Path.Combine(folder, ChunksName), chunks.Hashes(0, chunks.Count));
        if (FindImage(manifest.Layer).Value is not { } known || known.Sha256 != manifest.Sha256)
            Replace(Path.Combine(folder, ManifestName), manifest.ToJson());
        Remember(manifest.Layer, ImageDamage.None);
        running.Report(1);
        return manifest;
    }

    private async Task<StoreFault?> RepairCompanionAsync(
        string folder,
        string name,
        ImageFile expected,
        IReplicaSource source,
        CancellationToken cancellation
    )
    {
        var path = Path.Combine(folder, name);
        if (await VerifyFileAsync(path, expected, null, cancellation) is null)
            return null;
        if (!s_companions.Contains(name, StringComparer.Ordinal))
            throw new ReplicaException($"its manifest has a file '{name}', which no image has");
        var work = Path.Combine(TemporaryPath, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            if (await FetchCompanionAsync(name, expected, source, work, cancellation) is { } fault)
                return fault;
            File.Move(Path.Combine(work, name), path, overwrite: true);
            _files.SyncFolder(folder);
            return null;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<StoreFault?> RepairDiskAsync(
        string path,
        ImageChunks chunks,
        IReplicaSource source,
        RunningTransfer running
    )
    {
        const double FindShare = 0.5;
        using var disk = File.OpenHandle(
            path,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        if (RandomAccess.GetLength(disk) != chunks.LengthBytes)
            RandomAccess.SetLength(disk, chunks.LengthBytes);
        var find = new Share(running, 0, FindShare);
        var damaged = await FindDamagedAsync(path, chunks, null, find, running.Cancellation);
        // Those of zeroes need not be moved.
        foreach (var chunk in damaged.Where(chunks.IsZeroes))
            RandomAccess.Write(disk, new byte[chunks.LengthOf(chunk)], chunk * ImageChunks.ChunkBytes);
        long[] wanted = [.. damaged.Where(c => !chunks.IsZeroes(c))];
        ImageRange[] ranges =
        [
            .. wanted.Select(c => new ImageRange(ImagePart.Disk, c * ImageChunks.ChunkBytes, chunks.LengthOf(c))),
        ];
        var at = 0;
        await foreach (var bytes in source.ReadAsync(ranges, running.Cancellation))
        {
            var chunk = wanted[at++];
            if (!chunks[chunk].SequenceEqual(SHA256.HashData(bytes.Span)))
                throw new ReplicaException(
                    $"the bytes from {chunk * ImageChunks.ChunkBytes} on are not those of the image"
                );
            RandomAccess.Write(disk, bytes.Span, chunk * ImageChunks.ChunkBytes);
            running.Report(FindShare + ((1 - FindShare) * at / wanted.Length));
        }
        if (at < wanted.Length)
            throw new ReplicaException("it ended before all of it was sent");
        RandomAccess.FlushToDisk(disk);
        var reader = new ChunkReader(disk, chunks.LengthBytes);
        foreach (var chunk in damaged)
            if (!await IsAsync(chunks, chunk, reader, running.Cancellation))
                return new(
                    StoreFaultKind.IoError,
                    path,
                    "this server's disk gives back other bytes than it was given",
                    chunk * ImageChunks.ChunkBytes
                );
        return null;
    }

    /// <summary>A part of a transfer that counts by itself.</summary>
    private sealed class Share(RunningTransfer running, double from, double to) : IProgress<int>
    {
        public void Report(int value) => running.Report(from + ((to - from) * value / 100));
    }
}
