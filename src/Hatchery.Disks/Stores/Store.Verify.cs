using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>Reading what was imported, to see whether it is still that.</summary>
public sealed partial class Store
{
    private const string NotTheSame = "its bytes are not those that were imported";

    /// <summary>Reads an image and its companions whole, and compares them with its manifest; null when they agree.</summary>
    /// <param name="progress">Told how much is read, 0 to 100, never less than before.</param>
    public async Task<StoreFault?> VerifyImageAsync(
        LayerId layer,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var found = FindImage(layer);
        if (found.Value is not { } manifest)
            return found.Fault;
        progress?.Report(0);
        foreach (var (name, file) in manifest.Companions)
            if (await VerifyFileAsync(Path.Combine(ImagePath(layer), name), file, null, cancellation) is { } fault)
                return fault;
        var opened = await ChunkVerifier.OpenAsync(this, manifest, cancellation);
        if (opened.Value is not { } verifier)
            return opened.Fault;
        using (verifier)
            return await verifier.VerifyAsync(0, verifier.Count, cancellation, progress);
    }

    /// <summary>The chunks of an image as its manifest has them; <see cref="VerifyImageAsync"/> says whether its bytes are those.</summary>
    public StoreOutcome<ImageChunks> ReadChunks(LayerId layer)
    {
        var found = FindImage(layer);
        return found.Value is { } manifest ? ReadChunks(manifest) : found.Fault!;
    }

    private StoreOutcome<ImageChunks> ReadChunks(ImageManifest manifest)
    {
        var path = Path.Combine(ImagePath(manifest.Layer), ChunksName);
        try
        {
            return
                ImageChunks.TryRead(File.ReadAllBytes(path), manifest.LengthBytes) is { } chunks
                && chunks.Sha256 == manifest.Sha256
                ? chunks
                : new StoreFault(StoreFaultKind.Damaged, path, "not the hashes that the manifest was made with");
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    private static async Task<StoreFault?> VerifyFileAsync(
        string path,
        ImageFile expected,
        Func<ReadOnlyMemory<byte>, long, ValueTask>? each,
        CancellationToken cancellation
    )
    {
        try
        {
            return await FileHash.ReadAsync(path, each, cancellation) == expected
                ? null
                : new(StoreFaultKind.Damaged, path, NotTheSame);
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    /// <summary>Compares chunks of an image's disk with its manifest. An image of before there were chunks is compared whole, at once.</summary>
    private sealed class ChunkVerifier(string path, SafeFileHandle file, ImageChunks? chunks, long lengthBytes)
        : IDisposable
    {
        private readonly ChunkReader _reader = new(file, lengthBytes);
        private readonly byte[] _hash = new byte[ImageChunks.HashBytes];

        public long Count => chunks?.Count ?? 0;

        public static async Task<StoreOutcome<ChunkVerifier>> OpenAsync(
            Store store,
            ImageManifest manifest,
            CancellationToken cancellation
        )
        {
            var path = store.DiskPath(manifest);
            ImageChunks? chunks = null;
            if (manifest.ChunkBytes is null)
            {
                var whole = new ImageFile(manifest.LengthBytes, manifest.Sha256);
                if (await VerifyFileAsync(path, whole, null, cancellation) is { } fault)
                    return fault;
            }
            else
            {
                var read = store.ReadChunks(manifest);
                if (read.Value is null)
                    return read.Fault!;
                chunks = read.Value;
            }
            try
            {
                var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
                if (RandomAccess.GetLength(file) is var bytes && bytes == manifest.LengthBytes)
                    return new ChunkVerifier(path, file, chunks, manifest.LengthBytes);
                file.Dispose();
                return new StoreFault(
                    StoreFaultKind.Damaged,
                    path,
                    $"{bytes} bytes, but its manifest says {manifest.LengthBytes}"
                );
            }
            catch (IOException error)
            {
                return StoreFault.From(error, path);
            }
        }

        public async Task<StoreFault?> VerifyAsync(
            long from,
            long to,
            CancellationToken cancellation,
            IProgress<int>? progress = null
        )
        {
            try
            {
                for (var chunk = from; chunk < Math.Min(to, Count); chunk++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await _reader.HashAsync(chunk, _hash, cancellation);
                    if (!chunks![chunk].SequenceEqual(_hash))
                        return new(StoreFaultKind.Damaged, path, NotTheSame, chunk * ImageChunks.ChunkBytes);
                    progress?.Report((int)(100 * (chunk + 1 - from) / (to - from)));
                }
            }
            catch (IOException error)
            {
                return StoreFault.From(error, path);
            }
            progress?.Report(100);
            return null;
        }

        public void Dispose() => file.Dispose();
    }
}
