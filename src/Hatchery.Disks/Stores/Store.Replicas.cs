using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>Images that come from other servers: made like an import, chunk after chunk, and whole before anybody sees them.</summary>
public sealed partial class Store
{
    /// <summary>So many chunks become durable at once; a kill costs no more than these.</summary>
    private const int ChunksPerSync = 16;

    /// <summary>Runs of zeroes of this length stay holes.</summary>
    private const int HoleBytes = 64 << 10;

    private const double FetchShare = 0.9;

    private const string WantedName = "wanted";

    /// <summary>Whether an image lies here whole, and is not known to be damaged.</summary>
    public bool Holds(LayerId layer) =>
        Loss is null && File.Exists(Path.Combine(ImagePath(layer), ManifestName)) && DamageOf(layer) is null;

    /// <summary>Whether an image came here from another server, and was not imported here.</summary>
    public bool IsReplica(LayerId layer) =>
        TransferRecord.TryRead(ImagePath(layer)) is { Kind: ImageTransferKind.Replica };

    /// <summary>
    /// Whether a vDisk had an image that was imported here. What no vDisk has then is nobody's any more, also when the vDisk was removed while
    /// this server was down.
    /// </summary>
    public bool WasWanted(LayerId layer) => File.Exists(Path.Combine(ImagePath(layer), WantedName));

    /// <summary>A vDisk has this image. Where that cannot be written just now, it is tried again when the server starts.</summary>
    public void MarkWanted(LayerId layer)
    {
        try
        {
            var mark = Path.Combine(ImagePath(layer), WantedName);
            File.OpenHandle(mark, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            // Then a vDisk that is removed while this server is down leaves its image here.
        }
    }

    /// <summary>Opens a file of an image that lies here whole, to send its bytes; the length is what its manifest says.</summary>
    public StoreOutcome<ImagePartFile> OpenPart(LayerId layer, ImagePart part)
    {
        var found = FindImage(layer);
        if (found.Value is not { } manifest)
            return found.Fault!;
        var path = Path.Combine(ImagePath(layer), NameOf(part, manifest));
        try
        {
            var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return new ImagePartFile(file, path, RandomAccess.GetLength(file));
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    /// <summary>
    /// Takes an image in from another server's copy. Each chunk is compared with its hash before it is written, and all of them
    /// are read back before the image has its name. Whatever ends it, what came is kept, and the next call fetches the rest,
    /// from whichever server.
    /// </summary>
    /// <param name="manifest">As the other server has it.</param>
    /// <param name="chunks">The hashes that the image's own hash was made of.</param>
    /// <param name="progress">Told how much is done, 0 to 100, never less than before.</param>
    /// <exception cref="ReplicaException">The source sent other bytes than those of the image.</exception>
    public Task<StoreOutcome<ImageManifest>> ReplicateImageAsync(
        ImageManifest manifest,
        ImageChunks chunks,
        IReplicaSource source,
        TimeProvider time,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        TransferAsync<ImageManifest>(
            ReplicaKey(manifest.Layer),
            ImagePath(manifest.Layer),
            running =>
            {
                running.IsKept = true;
                return ReplicateAsync(manifest, chunks, source, running, time);
            },
            progress,
            cancellation
        );

    /// <summary>The images of which only a part is here.</summary>
    public IReadOnlyList<ArrivingImage> ListReplicas() =>
        [
            .. FoldersIn(TemporaryPath)
                .Select(f =>
                    TransferRecord.TryRead(f.FullName) is { Kind: ImageTransferKind.Replica } r ? Of(r, f.Name) : null
                )
                .OfType<ArrivingImage>(),
        ];

    private ArrivingImage? Of(TransferRecord record, string key) =>
        record.Proof.Split(' ') is [var id, var sha256]
        && LayerId.TryParse(id, null, out var layer)
        && ReplicaKey(layer) == key
            ? new(layer, sha256, Describe(record, key).Percent)
            : null;

    /// <summary>Deletes what came of images that nobody wants any more.</summary>
    public void ForgetReplicas(IEnumerable<LayerId> wanted)
    {
        var keys = wanted.Select(ReplicaKey).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in new DirectoryInfo(TemporaryPath).EnumerateDirectories())
            if (
                TransferRecord.TryRead(folder.FullName) is { Kind: ImageTransferKind.Replica }
                && !keys.Contains(folder.Name)
                && !_running.ContainsKey(folder.Name)
            )
                ForgetTransfer(folder.FullName);
    }

    private async Task<StoreOutcome<ImageManifest>> ReplicateAsync(
        ImageManifest manifest,
        ImageChunks chunks,
        IReplicaSource source,
        RunningTransfer running,
        TimeProvider time
    )
    {
        if (Directory.Exists(ImagePath(manifest.Layer)))
            return new StoreFault(StoreFaultKind.Exists, ImagePath(manifest.Layer), "the image is there already");
        if (
            manifest.ChunkBytes is null
            || chunks.Sha256 != manifest.Sha256
            || chunks.LengthBytes != manifest.LengthBytes
        )
            throw new ReplicaException("the hashes of the chunks are not those of the image");
        if (manifest.Companions.Keys.FirstOrDefault(n => !s_companions.Contains(n, StringComparer.Ordinal)) is { } name)
            throw new ReplicaException($"its manifest has a file '{name}', which no image has");
        Resume(
            running,
            new(
                TransferRecord.CurrentVersion,
                ImageTransferKind.Replica,
                manifest.Name,
                "other servers",
                manifest.SourceFormat,
                $"{manifest.Layer} {manifest.Sha256}",
                chunks.Count,
                null,
                time.GetUtcNow()
            ),
            notice: null
        );
        foreach (var (companion, file) in manifest.Companions)
            if (
                await FetchCompanionAsync(companion, file, source, running.Folder, running.Cancellation) is
                { } unfetched
            )
                return unfetched;
        var progress = new TransferProgress(Path.Combine(running.Folder, ChunksName), ImageChunks.HashBytes);
        if (await FetchDiskAsync(NameOf(manifest), chunks, source, running, progress) is { } fault)
            return fault;
        return await FinishAsync(manifest, chunks, running, progress);
    }

    private async Task<StoreFault?> FetchDiskAsync(
        string name,
        ImageChunks chunks,
        IReplicaSource source,
        RunningTransfer running,
        TransferProgress progress
    )
    {
        var first = chunks.SameFirst(progress.Read());
        var wanted = new List<long>();
        for (var chunk = first; chunk < chunks.Count; chunk++)
            if (!chunks.IsZeroes(chunk))
                wanted.Add(chunk);
        if (NoRoomBesideReserve(wanted.Count * (long)ImageChunks.ChunkBytes) is { } full)
            return full;
        using var disk = File.OpenHandle(
            Path.Combine(running.Folder, name),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        RandomAccess.SetLength(disk, chunks.LengthBytes);
        var (written, durable, at) = (first, first, 0);
        try
        {
            var ranges = wanted.Select(c => new ImageRange(
                ImagePart.Disk,
                c * ImageChunks.ChunkBytes,
                chunks.LengthOf(c)
            ));
            await foreach (var bytes in source.ReadAsync([.. ranges], running.Cancellation))
            {
                var chunk = wanted[at++];
                if (!chunks[chunk].SequenceEqual(SHA256.HashData(bytes.Span)))
                    throw new ReplicaException(
                        $"the bytes from {chunk * ImageChunks.ChunkBytes} on are not those of the image"
                    );
                if (NoRoomBesideReserve(bytes.Length) is { } filled)
                    return filled;
                WriteSparse(disk, bytes.Span, chunk * ImageChunks.ChunkBytes);
                written = chunk + 1;
                if (written - durable >= ChunksPerSync)
                    MakeDurable();
                running.Report(
                    FetchShare * (first + ((chunks.Count - first) * (double)at / wanted.Count)) / chunks.Count
                );
            }
            if (at < wanted.Count)
                throw new ReplicaException("it ended before all of it was sent");
            written = chunks.Count;
        }
        finally
        {
            MakeDurable();
        }
        return null;

        void MakeDurable()
        {
            if (written == durable)
                return;
            Sync(Path.Combine(running.Folder, name));
            progress.Append(durable * ImageChunks.HashBytes, chunks.Hashes(durable, written), sync: true);
            durable = written;
        }
    }

    /// <summary>A kernel or an initrd has one hash as a whole, so it comes from one server; what came of it is no use to the next.</summary>
    private async Task<StoreFault?> FetchCompanionAsync(
        string name,
        ImageFile expected,
        IReplicaSource source,
        string folder,
        CancellationToken cancellation
    )
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path) && await VerifyFileAsync(path, expected, null, cancellation) is null)
            return null;
        if (NoRoomBesideReserve(expected.LengthBytes) is { } full)
            return full;
        var part = name == ImageManifest.FileName(ImageCompanion.Kernel) ? ImagePart.Kernel : ImagePart.Initrd;
        var ranges = new List<ImageRange>();
        for (long offset = 0; offset < expected.LengthBytes; offset += ImageChunks.ChunkBytes)
            ranges.Add(new(part, offset, (int)Math.Min(ImageChunks.ChunkBytes, expected.LengthBytes - offset)));
        using var file = _files.Create(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = 0;
        await foreach (var bytes in source.ReadAsync(ranges, cancellation))
        {
            hash.AppendData(bytes.Span);
            file.Write([bytes], written);
            written += bytes.Length;
        }
        file.Sync();
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == expected.Sha256
            ? null
            : throw new ReplicaException($"its {name} is not what its manifest says");
    }

    private async Task<StoreOutcome<ImageManifest>> FinishAsync(
        ImageManifest manifest,
        ImageChunks chunks,
        RunningTransfer running,
        TransferProgress progress
    )
    {
        var path = Path.Combine(running.Folder, NameOf(manifest));
        var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        using (var verifier = new ChunkVerifier(path, file, chunks, chunks.LengthBytes))
            if (await verifier.VerifyAsync(0, chunks.Count, running.Cancellation) is { } damaged)
            {
                // This server's disk gives back other bytes than it was given: nothing of it is worth keeping.
                running.IsKept = false;
                return damaged;
            }
        progress.Append(0, chunks.Hashes(0, chunks.Count), sync: true);
        using (var made = _files.Create(Path.Combine(running.Folder, ManifestName)))
        {
            made.Write([manifest.ToJson()], 0);
            made.Sync();
        }
        _files.SyncFolder(running.Folder);
        // The record of the transfer stays with the image: it says that this is a replica.
        Directory.Move(running.Folder, ImagePath(manifest.Layer));
        _files.SyncFolder(ImagesPath);
        running.Report(1);
        return manifest;
    }

    private StoreFault? NoRoomBesideReserve(long requiredBytes)
    {
        var kept = Math.Max(Limits.ReserveBytes, FreeMarginBytes);
        return FreeBytes is var free && requiredBytes > free - kept
            ? new(
                StoreFaultKind.NoSpace,
                RootPath,
                $"{requiredBytes} bytes are needed, and {free} are free, of which {kept} stay so (hatchery.store.reserve)"
            )
            : null;
    }

    /// <summary>Into a file that has zeroes there, or these bytes.</summary>
    private static void WriteSparse(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(HoleBytes, bytes.Length)];
            if (piece.ContainsAnyExcept((byte)0))
                RandomAccess.Write(file, piece, offset);
            offset += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    private static readonly string[] s_companions =
    [
        .. Enum.GetValues<ImageCompanion>().Select(ImageManifest.FileName),
    ];

    private static string NameOf(ImageManifest manifest) => manifest.Parent is null ? DiskName : LayerName;

    private static string NameOf(ImagePart part, ImageManifest manifest) =>
        part switch
        {
            ImagePart.Kernel => ImageManifest.FileName(ImageCompanion.Kernel),
            ImagePart.Initrd => ImageManifest.FileName(ImageCompanion.Initrd),
            _ => NameOf(manifest),
        };

    private static string ReplicaKey(LayerId layer) => TransferKey(ImageTransferKind.Replica, layer.ToString());
}
