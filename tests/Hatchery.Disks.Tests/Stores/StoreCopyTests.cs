namespace Hatchery.Disks.Tests;

public sealed class StoreCopyTests : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_promise_of_a_higher_epoch_ends_the_own_session_and_says_what_it_wrote()
    {
        var cache = _fixture.Create();
        await cache.WriteAsync(0, new byte[4096], CancellationToken.None);
        using var copy = _fixture.Store.OpenCopy(cache.Layer)!;

        Assert.Null(await copy.PromiseAsync(cache.Epoch));
        Assert.Equal(new CopyState(CopyCondition.Whole, new(1, cache.SizeBytes)), await copy.PromiseAsync(new(7)));

        Assert.Equal(DiskStatus.Fenced, await cache.WriteAsync(0, new byte[4096], CancellationToken.None));
        Assert.Equal(new Epoch(7), copy.Promised);
        Assert.Null(await copy.PromiseAsync(new(6)));
    }

    [Fact]
    public async Task A_copy_that_is_open_is_neither_deleted_nor_opened_a_second_time()
    {
        var cache = _fixture.Create();
        await cache.DisposeAsync();
        using (_fixture.Store.OpenCopy(cache.Layer))
        {
            Assert.Null(_fixture.Store.OpenCopy(cache.Layer));
            Assert.Equal(StoreFaultKind.InUse, _fixture.Store.DeleteCache(cache.Layer)?.Kind);
            Assert.Equal(StoreFaultKind.InUse, _fixture.Store.SetCacheAside(cache.Layer)?.Kind);
            Assert.True(Assert.Single(_fixture.Store.ListCaches()).IsOpen);
        }
        Assert.Null(_fixture.Store.DeleteCache(cache.Layer));
    }

    [Fact]
    public async Task A_copy_that_is_fetched_from_another_store_opens_there()
    {
        var cache = _fixture.Create();
        var data = new byte[1 << 20];
        new Random(5).NextBytes(data);
        await cache.WriteAsync(1 << 20, data, CancellationToken.None);
        using var source = _fixture.Store.OpenCopy(cache.Layer)!;
        var end = (await source.PromiseAsync(new(2)))!.Value.End;
        await using var other = new StoreFixture();
        using (var copy = other.Store.OpenCopy(cache.Layer)!)
        {
            Assert.Equal(CopyCondition.Missing, (await copy.PromiseAsync(new(2)))!.Value.Condition);
            var piece = new byte[300_000];
            for (long at = 0; at < end.Offset; )
            {
                var read = source.Read(1, at, piece)!.Value;
                Assert.Equal(end.Offset, read.LengthBytes);
                (at, var outcome) = copy.ReplaceSegment(1, at, piece.AsMemory(0, read.Count), read.LengthBytes);
                Assert.Equal(DiskOutcome.Done, outcome);
            }
            Assert.Equal(DiskOutcome.Done, copy.Seal(end));
        }
        var below = new ImageOf(cache.Identity.Parent);
        await using var opened = other.Store.OpenCache(below, cache.Layer, new(2)).Value!;
        var read2 = new byte[data.Length];
        Assert.Equal(DiskStatus.Ok, opened.Read(1 << 20, read2));
        Assert.Equal(data, read2);
        Assert.False(opened.Recovery.LostPower);
    }

    private sealed record ImageOf(LayerId Layer) : IBlockReader
    {
        public long LengthBytes => StoreFixture.DiskBytes;

        public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
        {
            fault = null;
            destination.Clear();
            return DiskStatus.Ok;
        }

        public void Dispose() { }
    }
}
