using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class LayerChainTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Sectors = 4096;

    private readonly StoreFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Five_layers_read_as_one_array()
    {
        var random = Seed.New(output);
        var expected = new byte[Sectors * 512];
        var layers = new List<LayerId>();
        LayerChain? chain = null;
        for (var layer = 0; layer < 5; layer++)
        {
            IBlockReader below = (IBlockReader?)chain ?? _fixture.Image;
            var cache = _fixture.Create(new() { SegmentSizeBytes = 256 << 10 }, below);
            await ScribbleAsync(cache, expected, random);
            await cache.DisposeAsync();
            Assert.Null(await _fixture.Store.CloseCacheAsync(cache.Layer, below, new(2)));
            Assert.Null(await _fixture.Store.CloseCacheAsync(cache.Layer, below, new(2)));
            layers.Add(cache.Layer);
            chain?.Dispose();
            chain = _fixture.Store.OpenLayers(_fixture.Image, layers).Value!;
            var actual = new byte[expected.Length];
            Assert.Equal(DiskStatus.Ok, chain.Read(0, actual, out _));
            Assert.True(actual.AsSpan().SequenceEqual(expected), $"layer {layer}");
        }
        Assert.Empty(_fixture.Store.ListCaches());
        Assert.InRange(_fixture.Store.Usage.IndexMemoryBytes, 1, 1 << 20);
        chain!.Dispose();
        Assert.Equal((0, 0), ((int)_fixture.Store.Usage.IndexMemoryBytes, _fixture.Store.Usage.OpenFiles));
    }

    [Fact]
    public async Task Layers_in_another_order_or_without_one_of_them_are_refused()
    {
        var first = await CloseAsync(_fixture.Image);
        using var below = _fixture.Store.OpenLayers(_fixture.Image, [first]).Value!;
        var second = await CloseAsync(below);
        _fixture.Store.OpenLayers(_fixture.Image, [first, second]).Value!.Dispose();
        Assert.Equal(StoreFaultKind.Refused, _fixture.Store.OpenLayers(_fixture.Image, [second, first]).Fault!.Kind);
        Assert.Equal(StoreFaultKind.Refused, _fixture.Store.OpenLayers(_fixture.Image, [second]).Fault!.Kind);
        Assert.Equal(
            StoreFaultKind.Missing,
            _fixture.Store.OpenLayers(_fixture.Image, [new(Guid.NewGuid())]).Fault!.Kind
        );
    }

    [Fact]
    public async Task A_cache_that_was_never_closed_is_no_layer()
    {
        var cache = _fixture.Create();
        await cache.WriteAsync(0, new byte[4096], CancellationToken.None);
        var folder = Path.GetDirectoryName(_fixture.Segments(cache.Layer)[0])!;
        var copy = Path.Combine(_fixture.Store.RootPath, "layers", cache.Layer.ToString());
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        Assert.Equal(StoreFaultKind.Refused, _fixture.Store.OpenLayers(_fixture.Image, [cache.Layer]).Fault!.Kind);
        Assert.Equal(
            StoreFaultKind.Missing,
            (await _fixture.Store.CloseCacheAsync(new(Guid.NewGuid()), _fixture.Image, new(2)))!.Kind
        );
    }

    [Fact]
    public async Task Files_of_any_other_content_are_refused_without_an_exception_and_without_much_memory()
    {
        var random = Seed.New(output);
        var layer = await CloseAsync(_fixture.Image);
        var path = _fixture.Segments(layer)[0];
        var whole = await File.ReadAllBytesAsync(path);
        var before = GC.GetTotalAllocatedBytes();
        const int Rounds = 300;
        var opened = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = random.Next(4) switch
            {
                0 => whole[..random.Next(whole.Length)],
                1 => [.. whole, .. new byte[random.Next(1, 9000)]],
                2 => Noise(random, random.Next(20_000)),
                _ => whole.ToArray(),
            };
            for (var n = random.Next(4); n > 0 && bytes.Length > 0; n--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, bytes);
            var outcome = _fixture.Store.OpenLayers(_fixture.Image, [layer]);
            if (outcome.Value is not { } chain)
                continue;
            // Only what no checksum covers may differ: then it reads as it was written, or not at all.
            opened++;
            _ = chain.Read(0, new byte[Sectors * 512], out _);
            chain.Dispose();
        }
        Assert.InRange(opened, 1, Rounds);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Rounds * 8L << 20);
        Assert.Equal(0, _fixture.Store.Usage.OpenFiles);
    }

    private async Task<LayerId> CloseAsync(IBlockReader below)
    {
        var cache = _fixture.Create(below: below);
        await ScribbleAsync(cache, new byte[Sectors * 512], new(1));
        await cache.DisposeAsync();
        Assert.Null(await _fixture.Store.CloseCacheAsync(cache.Layer, below, new(2)));
        return cache.Layer;
    }

    private static async Task ScribbleAsync(WriteCache cache, byte[] expected, Random random)
    {
        for (var i = 0; i < 300; i++)
        {
            var sector = random.Next(Sectors);
            var data = new byte[Math.Min(random.Next(1, 40), Sectors - sector) * 512];
            if (i % 4 > 0)
                random.NextBytes(data);
            var status =
                i % 4 > 0
                    ? await cache.WriteAsync(sector * 512, data, CancellationToken.None)
                    : await cache.ZeroAsync(sector * 512, data.Length, CancellationToken.None);
            Assert.Equal(DiskStatus.Ok, status);
            data.CopyTo(expected, sector * 512);
        }
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
