using System.Collections.Immutable;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class LayerChainTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Sectors = 4096;

    private readonly StoreFixture _fixture = new();

    private ImmutableArray<LayerId> Base => [_fixture.Image.Layer];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Five_layers_read_as_one_array()
    {
        var random = Seed.New(output);
        var expected = new byte[Sectors * 512];
        var layers = Base;
        for (var layer = 0; layer < 5; layer++)
        {
            using var below = _fixture.OpenChain(layers);
            var cache = _fixture.Create(new() { SegmentSizeBytes = 256 << 10 }, below);
            await ScribbleAsync(cache, expected, random);
            await cache.DisposeAsync();
            layers = await _fixture.CloseAsync(cache, layers);
            Assert.True(_fixture.Store.HoldsChain(layers[^1]));
            using var chain = _fixture.OpenChain(layers);
            Assert.Equal((layers[^1], below.LengthBytes), (chain.Layer, chain.LengthBytes));
            var actual = new byte[expected.Length];
            Assert.Equal(DiskStatus.Ok, chain.Read(0, actual, out _));
            Assert.True(actual.AsSpan().SequenceEqual(expected), $"layer {layer}");
            Assert.InRange(_fixture.Store.Usage.IndexMemoryBytes, 1, 1 << 20);
        }
        Assert.Empty(_fixture.Store.ListCaches());
        Assert.Equal((0, 0), ((int)_fixture.Store.Usage.IndexMemoryBytes, _fixture.Store.Usage.OpenFiles));
        Assert.Null(_fixture.Store.DeleteImage(layers[2]));
        Assert.False(_fixture.Store.HoldsChain(layers[^1]));
        Refused(layers, StoreFaultKind.Missing, layers[2]);
    }

    [Fact]
    public async Task Layers_in_another_order_without_one_of_them_or_of_another_farm_are_refused()
    {
        var one = await CloseAsync(Base);
        var two = await CloseAsync(one);
        _fixture.OpenChain(two).Dispose();
        Refused([two[0], two[2], two[1]], StoreFaultKind.Refused, two[2]);
        Refused([two[0], two[2]], StoreFaultKind.Refused, two[2]);
        Refused([two[1], two[2]], StoreFaultKind.Refused, two[1]);
        Refused([two[0], two[0]], StoreFaultKind.Refused, two[0]);
        Refused([two[0], new(Guid.NewGuid())], StoreFaultKind.Missing, default);
        var foreign = _fixture.Store.OpenChain(new(Guid.NewGuid()), one).Fault!;
        Assert.Equal(StoreFaultKind.Refused, foreign.Kind);
        Assert.Contains("farm", foreign.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_was_cut_off_or_is_another_ones_is_refused()
    {
        var one = await CloseAsync(Base);
        var other = await CloseAsync(Base);
        var path = _fixture.LayerPath(one[1]);
        var whole = await File.ReadAllBytesAsync(path);
        foreach (var length in new[] { 0, 100, 4096, 5000, whole.Length / 2, whole.Length - 512 })
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            Refused(one, StoreFaultKind.Damaged, one[1]);
        }
        var swapped = await File.ReadAllBytesAsync(_fixture.LayerPath(other[1]));
        await File.WriteAllBytesAsync(path, swapped.Length == whole.Length ? swapped : whole[..^1]);
        var fault = Refused(one, null, one[1]);
        Assert.True(fault.Kind is StoreFaultKind.Refused or StoreFaultKind.Damaged, fault.ToString());
        File.Delete(path);
        Refused(one, StoreFaultKind.Missing, one[1]);
    }

    [Fact]
    public async Task Any_flipped_bit_in_headers_or_indexes_is_seen_when_a_layer_is_opened()
    {
        var random = Seed.New(output);
        var one = await CloseAsync(Base);
        var path = _fixture.LayerPath(one[1]);
        var length = (int)new FileInfo(path).Length;
        // The header, the end of the index, and the end.
        foreach (var at in new[] { random.Next(200), 200 + random.Next(3896), length - 1, length - 500, length - 600 })
        {
            StoreFixture.Flip(path, at);
            Refused(one, StoreFaultKind.Damaged, one[1]);
            StoreFixture.Flip(path, at);
        }
        _fixture.OpenChain(one).Dispose();
    }

    [Fact]
    public async Task Files_of_any_other_content_are_refused_without_an_exception_and_without_much_memory()
    {
        var random = Seed.New(output);
        var one = await CloseAsync(Base);
        var path = _fixture.LayerPath(one[1]);
        var whole = await File.ReadAllBytesAsync(path);
        var file = new LayerFile(path, StoreFixture.Farm, one[1], one[0], StoreFixture.DiskBytes);
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
            using var into = new Layer(StoreFixture.DiskBytes / 512, _fixture.Image);
            var slots = 0;
            if (file.Load(HostFileSystem.Instance, FilePool.Unbounded, into, ref slots) is not null)
                continue;
            // Only what is compared when it is read may differ: then it reads as it was written, or not at all.
            opened++;
            _ = into.Read(0, new byte[Sectors * 512], out _);
        }
        Assert.InRange(opened, 1, Rounds);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Rounds * 8L << 20);
    }

    [Fact]
    public async Task Where_indexes_have_their_memory_no_further_chain_is_opened()
    {
        await using var small = new StoreFixture(new() { IndexMemoryMaxBytes = 200 << 10 });
        var cache = small.Create();
        for (var page = 0; page < 4000; page++)
            await cache.WriteAsync(page * 8192, new byte[4096], CancellationToken.None);
        await cache.DisposeAsync();
        var layers = await small.CloseAsync(cache, small.Image.Layer);
        var open = new List<IBlockReader>();
        StoreFault? fault;
        while (true)
        {
            (var chain, fault) = small.Store.OpenChain(StoreFixture.Farm, layers);
            if (chain is null)
                break;
            open.Add(chain);
        }
        Assert.Equal(StoreFaultKind.NoMemory, fault!.Kind);
        Assert.InRange(open.Count, 1, 10);
        open.ForEach(c => c.Dispose());
        Assert.Equal(0, small.Store.Usage.IndexMemoryBytes);
    }

    private StoreFault Refused(IReadOnlyList<LayerId> layers, StoreFaultKind? kind, LayerId about)
    {
        var fault = _fixture.Store.OpenChain(StoreFixture.Farm, layers).Fault;
        Assert.NotNull(fault);
        Assert.True(kind is null || fault.Kind == kind, fault.ToString());
        Assert.Contains(about == default ? "" : about.ToString(), fault.Path, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.ToString());
        Assert.Equal(0, _fixture.Store.Usage.OpenFiles);
        return fault;
    }

    private async Task<ImmutableArray<LayerId>> CloseAsync(ImmutableArray<LayerId> chain)
    {
        using var below = _fixture.OpenChain(chain);
        var cache = _fixture.Create(below: below);
        await ScribbleAsync(cache, new byte[Sectors * 512], new(1));
        await cache.DisposeAsync();
        return await _fixture.CloseAsync(cache, chain);
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
