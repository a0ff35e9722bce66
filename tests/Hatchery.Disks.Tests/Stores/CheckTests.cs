using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

/// <summary>Damage that is looked for, remembered, kept from everybody, and mended from another store.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private const int ChunkBytes = ImageChunks.ChunkBytes;

    private readonly StoreFixture _fixture = new();
    private readonly TempFolder _folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_flipped_bit_of_an_image_is_found_kept_from_who_has_it_open_and_fetched_again()
    {
        var image = _fixture.Image.Layer;
        var manifest = _fixture.Store.FindImage(image).Value!;
        var chunks = _fixture.Store.ReadChunks(image).Value!;
        var good = File.ReadAllBytes(DiskPath);
        Assert.True((await CheckAsync()).IsNone);
        Assert.NotNull(_fixture.Store.CheckedAt(image));
        var cache = _fixture.Create();
        StoreFixture.Flip(DiskPath, (2 * ChunkBytes) + 100);

        var damage = await CheckAsync();
        Assert.Equal([2L], damage.Chunks);
        Assert.Equal("1 chunk(s) of 4 MiB, at byte 8388608", damage.ToString());
        Assert.False(_fixture.Store.Holds(image) || _fixture.Store.HoldsChain(image));
        Assert.Equal([image], _fixture.Store.Damaged);
        // Elsewhere it is read as before; there it stops who reads it.
        Assert.Equal(DiskStatus.Ok, cache.Read(2 * ChunkBytes - 512, new byte[512]));
        Assert.Equal(DiskStatus.Ok, cache.Read(3 * ChunkBytes, new byte[512]));
        Assert.Equal(DiskStatus.IoError, cache.Read((3 * ChunkBytes) - 512, new byte[1024]));
        Assert.Equal(DiskPath, cache.Fault!.Path);

        var asked = new List<ImageRange>();
        var repaired = await _fixture.Store.RepairImageAsync(manifest, chunks, new Copy(good, asked));
        Assert.True(repaired.Fault is null, repaired.Fault?.ToString());
        Assert.Equal(good, File.ReadAllBytes(DiskPath));
        Assert.Empty(asked); // Of zeroes nothing is moved.
        Assert.True(_fixture.Store.HoldsChain(image));
        Assert.True((await CheckAsync()).IsNone);
        Assert.Equal(DiskStatus.Ok, _fixture.Create().Read(2 * ChunkBytes, new byte[ChunkBytes]));
    }

    [Fact]
    public async Task A_flipped_bit_of_a_closed_layer_is_mended_in_its_place_with_right_bytes_only()
    {
        var (layers, manifest, chunks) = await CloseAsync();
        var path = _fixture.LayerPath(layers[^1]);
        var good = File.ReadAllBytes(path);
        var at = StoreFixture.Find(path, "MARKMARK"u8);
        StoreFixture.Flip(path, at);
        using (var chain = _fixture.OpenChain(layers))
        {
            var cache = _fixture.Create(new() { OnFault = f => _fixture.Store.NoteDamage(f) }, chain);
            Assert.Equal(DiskStatus.IoError, cache.Read(4096, new byte[4096]));
            Assert.Equal([at / ChunkBytes], _fixture.Store.DamageOf(layers[^1])!.Chunks);
            Assert.False(_fixture.Store.HoldsChain(layers[^1]));

            var wrong = (byte[])good.Clone();
            wrong[at] ^= 1;
            await Assert.ThrowsAsync<ReplicaException>(() =>
                _fixture.Store.RepairImageAsync(manifest, chunks, new Copy(wrong, []))
            );
            Assert.False(_fixture.Store.HoldsChain(layers[^1]));

            var asked = new List<ImageRange>();
            Assert.NotNull((await _fixture.Store.RepairImageAsync(manifest, chunks, new Copy(good, asked))).Value);
            Assert.Equal(at / ChunkBytes * ChunkBytes, Assert.Single(asked).Offset);
            // Who had it open reads on.
            Assert.Equal(DiskStatus.Ok, _fixture.Create(below: chain).Read(4096, new byte[4096]));
        }
        Assert.Equal(good, File.ReadAllBytes(path));
        Assert.Null(await _fixture.Store.VerifyImageAsync(layers[^1]));
    }

    [Theory]
    [InlineData("chunks")]
    [InlineData("manifest.json")]
    [InlineData("layer")]
    public async Task A_file_that_is_cut_off_is_made_anew(string name)
    {
        var (layers, manifest, chunks) = await CloseAsync();
        var folder = Path.GetDirectoryName(_fixture.LayerPath(layers[^1]))!;
        var good = File.ReadAllBytes(_fixture.LayerPath(layers[^1]));
        using (var file = File.OpenWrite(Path.Combine(folder, name)))
            file.SetLength(file.Length / 2);
        var damage = (await _fixture.Store.CheckImageAsync(layers[^1], manifest.Sha256, TimeProvider.System)).Value!;
        Assert.Equal([name], damage.Files);
        Assert.False(_fixture.Store.HoldsChain(layers[^1]));
        Assert.NotNull((await _fixture.Store.RepairImageAsync(manifest, chunks, new Copy(good, []))).Value);
        Assert.Null(await _fixture.Store.VerifyImageAsync(layers[^1]));
        using var chain = _fixture.OpenChain(layers);
        Assert.Equal(DiskStatus.Ok, _fixture.Create(below: chain).Read(4096, new byte[4096]));
    }

    [Fact]
    public async Task Damage_is_known_after_a_restart()
    {
        using var store = Store.Open(_folder["store"]).Value!;
        LayerId layer = new(Guid.NewGuid());
        var made = (await store.CreateImageAsync(layer, "disk", 3 * ChunkBytes, 512, TimeProvider.System)).Value!;
        StoreFixture.Flip(Path.Combine(store.ImagesPath, layer.ToString(), "disk.raw"), ChunkBytes);
        await store.CheckImageAsync(layer, made.Sha256, TimeProvider.System);
        store.Dispose();
        using var again = Store.Open(_folder["store"]).Value!;
        Assert.Equal([1L], again.DamageOf(layer)!.Chunks);
        Assert.False(again.Holds(layer));
        using var image = again.OpenImage(layer).Value!;
        Assert.Equal(DiskStatus.IoError, image.Read(ChunkBytes, new byte[512]));
        Assert.Null(again.DeleteImage(layer));
        Assert.Null(again.DamageOf(layer));
    }

    [Fact]
    public async Task A_flipped_bit_of_a_write_cache_is_found_whether_it_is_open_or_closed()
    {
        var options = new WriteCacheOptions { SegmentSizeBytes = 64 << 10 };
        var (open, closed) = (_fixture.Create(options), _fixture.Create(options));
        foreach (var cache in (WriteCache[])[open, closed])
        {
            await cache.WriteAsync(4096, Marked(), CancellationToken.None);
            for (var i = 0; i < 40; i++)
                await cache.WriteAsync((i + 8) * 4096, new byte[4096], CancellationToken.None);
        }
        await closed.DisposeAsync();
        Assert.Null(_fixture.Store.CheckCache(open.Layer));
        Assert.Null(_fixture.Store.CheckCache(closed.Layer));
        foreach (var cache in (WriteCache[])[open, closed])
        {
            var path = _fixture.Segments(cache.Layer)[0];
            StoreFixture.Flip(path, StoreFixture.Find(path, "MARKMARK"u8) + 7);
            var fault = _fixture.Store.CheckCache(cache.Layer)!;
            Assert.Equal((StoreFaultKind.Damaged, Path.GetFileName(path)), (fault.Kind, Path.GetFileName(fault.Path)));
            // Looking changes nothing.
            Assert.Equal(DiskStatus.Ok, open.Read(8 * 4096, new byte[4096]));
        }
        _fixture.Store.GiveUpCache(open.Layer, _fixture.Store.CheckCache(open.Layer)!);
        Assert.Equal(DiskStatus.IoError, open.Read(8 * 4096, new byte[4096]));
        _fixture.Store.GiveUpCache(closed.Layer, _fixture.Store.CheckCache(closed.Layer)!);
        Assert.Equal(StoreFaultKind.Damaged, _fixture.Reopen(closed, options).Fault!.Kind);
    }

    [Fact]
    public async Task Discarded_blocks_take_no_room_in_layers_and_images_that_are_made_of_them()
    {
        var cache = _fixture.Create();
        var data = new byte[1 << 20];
        Array.Fill(data, (byte)7);
        for (var mebibyte = 0; mebibyte < 32; mebibyte++)
            await cache.WriteAsync(mebibyte << 20, data, CancellationToken.None);
        await cache.ZeroAsync(0, 30 << 20, CancellationToken.None);
        await cache.DisposeAsync();
        Assert.True(_fixture.Segments(cache.Layer).Sum(f => new FileInfo(f).Length) > 32 << 20);
        var layers = await _fixture.CloseAsync(cache, _fixture.Image.Layer);
        Assert.InRange(new FileInfo(_fixture.LayerPath(layers[^1])).Length, 2 << 20, 3 << 20);
        var merge = new LayerMerge(StoreFixture.Farm, new(Guid.NewGuid()), "disk", layers, Below: 0);
        var image = (await _fixture.Store.MergeAsync(merge, TimeProvider.System)).Value!;
        Assert.Equal(ChunkBytes, _fixture.Store.ReadChunks(image.Layer).Value!.DataBytes);
        using var merged = _fixture.Store.OpenImage(image.Layer).Value!;
        var read = new byte[1 << 20];
        Assert.Equal(DiskStatus.Ok, merged.Read(29 << 20, read));
        Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept((byte)0));
        Assert.Equal(DiskStatus.Ok, merged.Read(30 << 20, read));
        Assert.Equal(data, read);
    }

    private string DiskPath => Path.Combine(_fixture.Store.ImagesPath, _fixture.Image.Layer.ToString(), "disk.raw");

    private async Task<ImageDamage> CheckAsync()
    {
        var image = _fixture.Image.Layer;
        var sha256 = _fixture.Store.FindImage(image).Value!.Sha256;
        return (await _fixture.Store.CheckImageAsync(image, sha256, TimeProvider.System)).Value!;
    }

    private async Task<(LayerId[] Layers, ImageManifest Manifest, ImageChunks Chunks)> CloseAsync()
    {
        var cache = _fixture.Create();
        await cache.WriteAsync(4096, Marked(), CancellationToken.None);
        await cache.DisposeAsync();
        var layers = await _fixture.CloseAsync(cache, _fixture.Image.Layer);
        return ([.. layers], _fixture.Store.FindImage(layers[^1]).Value!, _fixture.Store.ReadChunks(layers[^1]).Value!);
    }

    private static byte[] Marked()
    {
        var data = new byte[4096];
        "MARKMARK"u8.CopyTo(data);
        return data;
    }

    /// <summary>Another server's file.</summary>
    private sealed class Copy(byte[] bytes, List<ImageRange> asked) : IReplicaSource
    {
        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            IReadOnlyList<ImageRange> ranges,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default
        )
        {
            foreach (var range in ranges)
            {
                asked.Add(range);
                await Task.Yield();
                yield return bytes.AsMemory((int)range.Offset, range.LengthBytes);
            }
        }
    }
}
