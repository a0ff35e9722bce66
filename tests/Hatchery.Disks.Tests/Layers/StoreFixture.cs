using System.Collections.Immutable;
using System.Security.Cryptography;
using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

/// <summary>A store on real files with one image of zeroes.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    public const int DiskBytes = 64 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<WriteCache> _caches = [];

    public StoreFixture(StoreLimits? limits = null)
    {
        Store = Store.Open(_folder["store"], limits, Said.Add).Value!;
        Image = AddImage();
    }

    public static FarmId Farm { get; } = new(Guid.NewGuid());

    public List<StoreFault> Said { get; } = [];

    public BaseImage Image { get; }

    public Store Store { get; }

    public WriteCache Create(WriteCacheOptions? options = null, IBlockReader? below = null)
    {
        var created = TryCreate(options, below);
        Assert.True(created.Fault is null, created.Fault?.ToString());
        return created.Value!;
    }

    public StoreOutcome<WriteCache> TryCreate(WriteCacheOptions? options = null, IBlockReader? below = null)
    {
        var created = Store.CreateCache(
            below ?? Image,
            Farm,
            new(Guid.NewGuid()),
            default,
            new(1),
            new(Guid.NewGuid()),
            options
        );
        if (created.Value is { } cache)
            _caches.Add(cache);
        return created;
    }

    public StoreOutcome<WriteCache> Reopen(
        WriteCache cache,
        WriteCacheOptions? options = null,
        IBlockReader? below = null
    )
    {
        var opened = Store.OpenCache(below ?? Image, cache.Layer, cache.Epoch.Next(), options);
        if (opened.Value is { } again)
            _caches.Add(again);
        return opened;
    }

    /// <summary>The write cache, which is closed, becomes a layer on that chain; the answer is the chain with it.</summary>
    public async Task<ImmutableArray<LayerId>> CloseAsync(WriteCache cache, params ImmutableArray<LayerId> chain)
    {
        var merge = new LayerMerge(Farm, new(Guid.NewGuid()), "disk", chain, chain.Length, cache.Layer);
        var made = await Store.MergeAsync(merge, TimeProvider.System);
        Assert.True(made.Fault is null, made.Fault?.ToString());
        Assert.Null(Store.DeleteCache(cache.Layer));
        return [.. chain, made.Value!.Layer];
    }

    public IBlockReader OpenChain(IReadOnlyList<LayerId> chain)
    {
        var opened = Store.OpenChain(Farm, chain);
        Assert.True(opened.Fault is null, opened.Fault?.ToString());
        return opened.Value!;
    }

    public string LayerPath(LayerId layer) => Path.Combine(Store.ImagesPath, layer.ToString(), "layer");

    public string[] Segments(LayerId layer) =>
        [
            .. Directory
                .EnumerateFiles(Store.RootPath, "*.seg", SearchOption.AllDirectories)
                .Where(f => f.Contains(layer.ToString(), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private BaseImage AddImage()
    {
        const int Chunks = DiskBytes / ImageChunks.ChunkBytes;
        var layer = new LayerId(Guid.NewGuid());
        var folder = Directory.CreateDirectory(Path.Combine(Store.ImagesPath, layer.ToString())).FullName;
        var hash = SHA256.HashData(new byte[ImageChunks.ChunkBytes]);
        byte[] hashes = [.. Enumerable.Repeat(hash, Chunks).SelectMany(h => h)];
        using (var file = File.Create(Path.Combine(folder, "disk.raw")))
            file.SetLength(DiskBytes);
        File.WriteAllBytes(Path.Combine(folder, "chunks"), hashes);
        var manifest = new ImageManifest(
            layer,
            "disk",
            DiskBytes,
            Convert.ToHexStringLower(SHA256.HashData(hashes)),
            "raw",
            default,
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes
        );
        File.WriteAllBytes(Path.Combine(folder, "manifest.json"), manifest.ToJson());
        return Store.OpenImage(layer).Value!;
    }

    /// <summary>Flips a bit of a file, as a disk does.</summary>
    public static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }

    /// <summary>Where in a file a text of 8 bytes lies.</summary>
    public static long Find(string path, ReadOnlySpan<byte> text) => File.ReadAllBytes(path).AsSpan().IndexOf(text);

    public async ValueTask DisposeAsync()
    {
        foreach (var cache in _caches)
            await cache.DisposeAsync();
        Store.Dispose();
        Image.Dispose();
        _folder.Dispose();
    }
}
