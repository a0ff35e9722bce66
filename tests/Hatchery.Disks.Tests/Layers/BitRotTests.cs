namespace Hatchery.Disks.Tests;

/// <summary>A bit that flips on the disk while a device runs.</summary>
public sealed class BitRotTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Theory]
    [InlineData(8, 0)]
    [InlineData(3, 0)]
    [InlineData(64, 40)]
    public async Task A_flipped_bit_stops_the_device_that_reads_it_and_nobody_else(int blocks, int at)
    {
        var faults = new List<StoreFault>();
        var cache = _fixture.Create(new() { OnFault = faults.Add });
        var other = _fixture.Create();
        foreach (var one in (WriteCache[])[cache, other])
        {
            Assert.Equal(DiskStatus.Ok, await one.WriteAsync(4096, Marked(blocks), CancellationToken.None));
            Assert.Equal(DiskStatus.Ok, await one.WriteAsync(1 << 20, new byte[4096], CancellationToken.None));
            Assert.Equal(DiskStatus.Ok, one.Read(4096, new byte[blocks * 512]));
        }
        var path = _fixture.Segments(cache.Layer).Single();
        var data = StoreFixture.Find(path, "MARKMARK"u8);
        StoreFixture.Flip(path, data + (at * 512) + 511);

        Assert.Equal(DiskStatus.Ok, cache.Read(1 << 20, new byte[4096]));
        Assert.Equal(DiskStatus.IoError, cache.Read(4096 + (at * 512), new byte[512]));

        var fault = Assert.Single(faults);
        Assert.Equal((StoreFaultKind.Damaged, path), (fault.Kind, fault.Path));
        Assert.InRange(fault.Offset!.Value, data, data + (at * 512));
        Assert.Equal(DiskStatus.IoError, cache.Read(1 << 20, new byte[4096]));
        Assert.Equal(DiskStatus.IoError, await cache.WriteAsync(0, new byte[512], CancellationToken.None));
        Assert.Equal(DiskStatus.IoError, await cache.FlushAsync());
        Assert.Equal(DiskStatus.Ok, other.Read(4096, new byte[blocks * 512]));
        await cache.DisposeAsync();
        var again = _fixture.Reopen(cache).Fault!;
        Assert.Equal(StoreFaultKind.Damaged, again.Kind);
        Assert.Contains(Path.GetFileName(path), again.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_that_was_overwritten_harms_nobody()
    {
        var cache = _fixture.Create();
        await cache.WriteAsync(4096, Marked(8), CancellationToken.None);
        await cache.WriteAsync(4096, new byte[4096], CancellationToken.None);
        var path = _fixture.Segments(cache.Layer).Single();
        StoreFixture.Flip(path, StoreFixture.Find(path, "MARKMARK"u8));
        Assert.Equal(DiskStatus.Ok, cache.Read(4096, new byte[4096]));
    }

    [Fact]
    public async Task A_cache_that_is_opened_by_its_index_is_checked_when_it_is_read()
    {
        var options = new WriteCacheOptions { SegmentSizeBytes = 64 << 10, VerifyAtOpenMaxBytes = 0 };
        var cache = _fixture.Create(options);
        await cache.WriteAsync(4096, Marked(8), CancellationToken.None);
        for (var i = 0; i < 40; i++)
            await cache.WriteAsync((i + 8) * 4096, new byte[4096], CancellationToken.None);
        await cache.DisposeAsync();
        var path = _fixture.Segments(cache.Layer)[0];
        StoreFixture.Flip(path, StoreFixture.Find(path, "MARKMARK"u8) + 100);
        var again = _fixture.Reopen(cache, options).Value!;
        Assert.Equal(DiskStatus.Ok, again.Read(8 * 4096, new byte[40 * 4096]));
        Assert.Equal(DiskStatus.IoError, again.Read(0, new byte[8192]));
        Assert.Equal(path, again.Fault!.Path);
    }

    [Fact]
    public async Task A_file_that_became_shorter_stops_its_device()
    {
        var cache = _fixture.Create();
        await cache.WriteAsync(4096, Marked(8), CancellationToken.None);
        using (
            var file = new FileStream(
                _fixture.Segments(cache.Layer).Single(),
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite
            )
        )
            file.SetLength(4096);
        Assert.Equal(DiskStatus.IoError, cache.Read(4096, new byte[4096]));
        Assert.Equal(StoreFaultKind.Damaged, cache.Fault!.Kind);
    }

    [Fact]
    public async Task A_flipped_bit_in_a_closed_layer_stops_who_reads_it_and_is_found_by_verifying()
    {
        var cache = _fixture.Create(new() { SegmentSizeBytes = 64 << 10 });
        await cache.WriteAsync(4096, Marked(8), CancellationToken.None);
        for (var i = 0; i < 40; i++)
            await cache.WriteAsync((i + 8) * 4096, new byte[4096], CancellationToken.None);
        await cache.DisposeAsync();
        var layers = await _fixture.CloseAsync(cache, _fixture.Image.Layer);
        Assert.Null(await _fixture.Store.VerifyImageAsync(layers[^1]));
        var path = _fixture.LayerPath(layers[^1]);
        var data = StoreFixture.Find(path, "MARKMARK"u8);
        StoreFixture.Flip(path, data + 9);
        using (var chain = _fixture.OpenChain(layers))
        {
            var (one, two) = (_fixture.Create(below: chain), _fixture.Create(below: chain));
            Assert.Equal(DiskStatus.IoError, one.Read(4096, new byte[4096]));
            Assert.Equal((path, data), (one.Fault!.Path, one.Fault.Offset!.Value));
            Assert.Equal(DiskStatus.IoError, one.State);
            Assert.Equal(DiskStatus.Ok, two.Read(8 * 4096, new byte[40 * 4096]));
            await one.DisposeAsync();
            // The cache itself is whole: it is the layer below that has to be mended.
            Assert.NotNull(_fixture.Reopen(one, below: chain).Value);
        }
        Assert.Equal(StoreFaultKind.Damaged, (await _fixture.Store.VerifyImageAsync(layers[^1]))!.Kind);
    }

    private static byte[] Marked(int blocks)
    {
        var data = new byte[blocks * 512];
        new Random(blocks).NextBytes(data);
        "MARKMARK"u8.CopyTo(data);
        return data;
    }
}
