using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

/// <summary>A server of a <see cref="VersionRun"/>: a store, and what the parts around it do with it.</summary>
internal sealed class VersionServer : IDisposable
{
    private const int DiskBytes = 256 << 10;
    private const int Sectors = DiskBytes / 512;

    private static readonly FarmId s_farm = new(Guid.NewGuid());

    private readonly TempFolder _folder = new();

    public VersionServer(string name) => (Name, Store) = (name, Store.Open(_folder["store"]).Value!);

    public string Name { get; }

    public Store Store { get; }

    public (LayerId Image, byte[] Content) AddImage(Random random)
    {
        var content = new byte[DiskBytes];
        random.NextBytes(content.AsSpan(0, DiskBytes / 2));
        var image = new LayerId(Guid.NewGuid());
        var folder = Directory.CreateDirectory(Path.Combine(Store.ImagesPath, $"{image}")).FullName;
        var hashes = SHA256.HashData(content);
        File.WriteAllBytes(Path.Combine(folder, "disk.raw"), content);
        File.WriteAllBytes(Path.Combine(folder, "chunks"), hashes);
        var manifest = new ImageManifest(
            image,
            "disk",
            DiskBytes,
            Convert.ToHexStringLower(SHA256.HashData(hashes)),
            "raw",
            default,
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes
        );
        File.WriteAllBytes(Path.Combine(folder, "manifest.json"), manifest.ToJson());
        return (image, content);
    }

    public string HashOf(LayerId image) => Store.FindImage(image).Value!.Sha256;

    public bool Has(LayerId cache) => Directory.Exists(CachePath(cache));

    public byte[] Read(ImmutableArray<LayerId> chain)
    {
        using var opened = Of(Store.OpenChain(s_farm, chain));
        var bytes = new byte[DiskBytes];
        Assert.Equal(DiskStatus.Ok, opened.Read(0, bytes, out _));
        return bytes;
    }

    public async Task<string> ContentAsync(ImmutableArray<LayerId> chain) =>
        Of(await Store.HashContentAsync(s_farm, chain));

    /// <summary>What a boot writes, discards and flushes.</summary>
    public async Task WriteAsync(
        Random random,
        ImmutableArray<LayerId> chain,
        LayerId cache,
        Epoch epoch,
        bool isNew,
        byte[] content
    )
    {
        using var below = Of(Store.OpenChain(s_farm, chain));
        var options = WriteCacheOptions.Default with { SegmentSizeBytes = random.Next(16, 64) << 10 };
        await using var opened = Of(
            isNew
                ? Store.CreateCache(below, s_farm, default, default, epoch, cache, options)
                : Store.OpenCache(below, cache, epoch, options)
        );
        for (var i = random.Next(20); i > 0; i--)
        {
            var sector = random.Next(Sectors);
            var data = new byte[Math.Min(random.Next(1, 60), Sectors - sector) * 512];
            var isZeroed = random.Next(4) == 0;
            if (!isZeroed)
                random.NextBytes(data);
            Assert.Equal(
                DiskStatus.Ok,
                isZeroed
                    ? await opened.ZeroAsync(sector * 512L, data.Length, CancellationToken.None)
                    : await opened.WriteAsync(sector * 512L, data, CancellationToken.None)
            );
            data.CopyTo(content, sector * 512);
        }
    }

    /// <summary>Mirrors are the same byte for byte.</summary>
    public void CopyCache(VersionServer from, LayerId cache)
    {
        if (Has(cache))
            Directory.Delete(CachePath(cache), recursive: true);
        Directory.CreateDirectory(CachePath(cache));
        foreach (var file in Directory.GetFiles(from.CachePath(cache)))
            File.Copy(file, Path.Combine(CachePath(cache), Path.GetFileName(file)));
    }

    /// <param name="dying">The server dies on the way, or just after it; null: it does not.</param>
    public async Task<ImageManifest?> MergeAsync(
        LayerId layer,
        ImmutableArray<LayerId> chain,
        int below,
        LayerId? cache,
        Random? dying
    )
    {
        using var ending = new CancellationTokenSource();
        try
        {
            var made = await Store.MergeAsync(
                new(s_farm, layer, "disk", chain, below, cache),
                TimeProvider.System,
                new Steps(() =>
                {
                    if (dying?.Next(2) == 0)
                        ending.Cancel();
                }),
                cancellation: ending.Token
            );
            return dying is null ? Of(made) : null;
        }
        catch (OperationCanceledException) when (dying is not null)
        {
            return null;
        }
    }

    /// <summary>Gets what another server has, as the replicator does.</summary>
    public void Fetch(VersionServer from, LayerId image)
    {
        var manifest = Of(from.Store.FindImage(image));
        using var file = Of(from.Store.OpenPart(image, ImagePart.Disk));
        var chunks = Of(from.Store.ReadChunks(image));
        Of(Store.ReplicateImageAsync(manifest, chunks, new Source(file), TimeProvider.System).GetAwaiter().GetResult());
    }

    /// <summary>What the replicator deletes.</summary>
    public void Forget(VDiskState disk)
    {
        foreach (var image in Store.ListImages().Select(i => i.Layer))
            if (
                disk.Versions.All(v => v.Image != image)
                && (Store.IsReplica(image) || (!disk.Abandoned.IsDefault && disk.Abandoned.Contains(image)))
            )
                Assert.Null(Store.DeleteImage(image));
    }

    public void LoseAll()
    {
        foreach (var image in Store.ListImages())
            Assert.Null(Store.DeleteImage(image.Layer));
        foreach (var cache in Store.ListCaches())
            Assert.Null(Store.DeleteCache(cache.Layer));
    }

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }

    private string CachePath(LayerId cache) => _folder[$"store/caches/{cache}"];

    private static T Of<T>(StoreOutcome<T> outcome)
        where T : class
    {
        Assert.True(outcome.Fault is null, outcome.Fault?.ToString());
        return outcome.Value!;
    }

    private sealed class Steps(Action step) : IProgress<int>
    {
        public void Report(int value) => step();
    }

    private sealed class Source(ImagePartFile file) : IReplicaSource
    {
        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            IReadOnlyList<ImageRange> ranges,
            [EnumeratorCancellation] CancellationToken cancellation = default
        )
        {
            foreach (var range in ranges)
            {
                var bytes = new byte[range.LengthBytes];
                await RandomAccess.ReadAsync(file.File, bytes, range.Offset, cancellation);
                yield return bytes;
            }
        }
    }
}
