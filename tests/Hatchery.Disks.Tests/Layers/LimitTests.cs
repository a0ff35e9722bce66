namespace Hatchery.Disks.Tests;

public sealed class LimitTests
{
    private const int PageBytes = 4096;

    [Fact]
    public async Task A_device_at_its_limit_overwrites_reads_and_discards_and_goes_on_when_it_has_room()
    {
        await using var fixture = new StoreFixture();
        var levels = new List<CacheLevel>();
        var other = fixture.Create();
        var cache = fixture.Create(new() { LimitBytes = 100 * PageBytes, OnLevel = levels.Add });
        for (var page = 0; page < 100; page++)
            Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, page, 1));
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(cache, 100, 1));
        Assert.Equal(
            DiskStatus.NoSpace,
            await cache.WriteAsync(99 * PageBytes, new byte[2 * PageBytes], CancellationToken.None)
        );
        Assert.Equal(CacheLevel.Full, cache.Level);
        Assert.Equal(100 * PageBytes, cache.LiveBytes);

        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 5, 2));
        Assert.Equal(2, Read(cache, 5));
        Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
        Assert.Equal(DiskStatus.Ok, await WriteAsync(other, 100, 1));

        Assert.Equal(DiskStatus.Ok, await cache.ZeroAsync(0, 50 * PageBytes, CancellationToken.None));
        Assert.Equal(0, Read(cache, 5));
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 100, 3));
        Assert.Equal([CacheLevel.Warning, CacheLevel.Full, CacheLevel.Ok], levels);
        Assert.Empty(fixture.Said);
    }

    [Fact]
    public async Task Another_limit_holds_for_the_next_write_and_what_is_there_stays()
    {
        await using var fixture = new StoreFixture();
        var levels = new List<CacheLevel>();
        var cache = fixture.Create(new() { LimitBytes = 100 * PageBytes, OnLevel = levels.Add });
        for (var page = 0; page < 100; page++)
            Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, page, 1));
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(cache, 100, 1));

        cache.LimitBytes = 200 * PageBytes;
        Assert.Equal((CacheLevel.Ok, 200L * PageBytes), (cache.Level, cache.Usage.LimitBytes));
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 100, 2));

        cache.LimitBytes = 50 * PageBytes;
        Assert.Equal(CacheLevel.Warning, cache.Level);
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(cache, 101, 2));
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 7, 3));
        Assert.Equal((3, 1, 2), (Read(cache, 7), Read(cache, 99), Read(cache, 100)));

        cache.LimitBytes = 0;
        Assert.Equal(CacheLevel.Ok, cache.Level);
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 101, 4));
        Assert.Equal(
            [CacheLevel.Warning, CacheLevel.Full, CacheLevel.Ok, CacheLevel.Warning, CacheLevel.Full, CacheLevel.Ok],
            levels
        );
    }

    [Fact]
    public async Task A_higher_limit_makes_no_room_in_a_full_store()
    {
        await using var fixture = new StoreFixture(new() { CachesMaxBytes = 8 << 20 });
        var cache = fixture.Create(new() { LimitBytes = 1 << 30 });
        for (var page = 0; await WriteAsync(cache, page, 1) == DiskStatus.Ok; page++) { }
        cache.LimitBytes = 0;
        Assert.Equal(CacheLevel.Full, cache.Level);
    }

    [Fact]
    public async Task Segments_that_are_begun_are_small_beside_the_limit_of_then()
    {
        await using var fixture = new StoreFixture();
        var cache = fixture.Create();
        var whole = cache.SegmentSizeBytes;
        cache.LimitBytes = 64 << 20;
        Assert.Equal(8 << 20, cache.SegmentSizeBytes);
        cache.LimitBytes = 1 << 20;
        Assert.Equal(4 << 20, cache.SegmentSizeBytes);
        cache.LimitBytes = 0;
        Assert.Equal(whole, cache.SegmentSizeBytes);
    }

    [Fact]
    public async Task Writes_at_the_limit_never_need_more_than_a_few_times_its_space()
    {
        await using var fixture = new StoreFixture();
        var compactor = new Compactor(fixture.Store, new() { BytesPerSecond = 1L << 40 }, TimeProvider.System);
        var cache = fixture.Create(new() { LimitBytes = 8 << 20 });
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, random.Next(2048), (byte)i));
            if (i % 1000 == 0)
                await compactor.SweepAsync();
            Assert.InRange(cache.SizeBytes, 0, 40 << 20);
        }
    }

    [Fact]
    public async Task A_store_that_is_full_refuses_every_cache_until_one_is_deleted_and_warns_before()
    {
        await using var fixture = new StoreFixture(new() { CachesMaxBytes = 8 << 20 });
        var (one, two) = (fixture.Create(), fixture.Create());
        var taken = 0;
        while (await WriteAsync(one, taken, 1) == DiskStatus.Ok)
        {
            taken++;
            if (fixture.Store.Usage.CachesBytes < 6 << 20)
                Assert.Empty(fixture.Said);
        }
        Assert.InRange(taken, 1600, 2048);
        Assert.Equal(StoreFaultKind.NearlyFull, fixture.Said[0].Kind);
        Assert.Equal(StoreFaultKind.NoSpace, fixture.Said[^1].Kind);
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(two, 0, 1));
        Assert.Equal(CacheLevel.Full, fixture.Store.Usage.Level);
        Assert.False(fixture.Store.HasRoom());
        Assert.Equal(CacheLevel.Full, two.Level);
        Assert.Equal(1, Read(one, taken - 1));
        Assert.Equal(DiskStatus.Ok, await one.FlushAsync());

        await one.DisposeAsync();
        Assert.Null(fixture.Store.DeleteCache(one.Layer));
        Assert.True(fixture.Store.HasRoom());
        Assert.Equal(DiskStatus.Ok, await WriteAsync(two, 0, 1));
        Assert.Equal((CacheLevel.Ok, CacheLevel.Ok), (two.Level, fixture.Store.Usage.Level));
    }

    [Fact]
    public async Task Discards_at_a_full_store_give_room_by_compaction()
    {
        await using var fixture = new StoreFixture(new() { CachesMaxBytes = 16 << 20, ReserveBytes = 1 << 20 });
        var cache = fixture.Create(new() { SegmentSizeBytes = 1 << 20 });
        var compactor = new Compactor(fixture.Store, new(), TimeProvider.System);
        var taken = 0;
        while (await WriteAsync(cache, taken, 1) == DiskStatus.Ok)
            taken++;
        Assert.Equal(DiskStatus.Ok, await cache.ZeroAsync(0, (taken - 100L) * PageBytes, CancellationToken.None));
        await compactor.SweepAsync();
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 0, 2));
        Assert.InRange(cache.SizeBytes, 0, 4 << 20);
        Assert.Equal((2, 0, 1), (Read(cache, 0), Read(cache, 1), Read(cache, taken - 1)));
    }

    [Fact]
    public async Task With_the_memory_for_indexes_used_no_cache_is_begun_and_none_takes_in_new_blocks()
    {
        await using var fixture = new StoreFixture(new() { IndexMemoryMaxBytes = 256 << 10 });
        var cache = fixture.Create();
        var page = 0;
        while (await WriteAsync(cache, page, 1) == DiskStatus.Ok)
            page++;
        Assert.InRange(page, 10_000, 22_000);
        Assert.InRange(fixture.Store.Usage.IndexMemoryBytes, 200 << 10, 300 << 10);
        Assert.Equal(DiskStatus.Ok, await cache.ZeroAsync(0, PageBytes, CancellationToken.None));
        Assert.Equal(1, Read(cache, 1));
        var fault = fixture.TryCreate().Fault!;
        Assert.Equal(StoreFaultKind.NoMemory, fault.Kind);
        await cache.DisposeAsync();
        Assert.Equal(0, fixture.Store.Usage.IndexMemoryBytes);
        Assert.Equal(DiskStatus.Ok, await WriteAsync(fixture.Create(), 0, 1));
    }

    [Fact]
    public async Task Files_beyond_the_bound_are_closed_and_opened_again()
    {
        await using var fixture = new StoreFixture(new() { OpenFilesMax = 16 });
        var caches = Enumerable
            .Range(0, 40)
            .Select(_ => fixture.Create(new() { SegmentSizeBytes = 32 << 10 }))
            .ToList();
        for (var round = 1; round <= 3; round++)
            foreach (var cache in caches)
            {
                for (var page = 0; page < 20; page++)
                    Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, page, (byte)round));
                Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
                Assert.InRange(fixture.Store.Usage.OpenFiles, 1, 16);
            }
        foreach (var cache in caches)
            Assert.Equal((3, 3), (Read(cache, 0), Read(cache, 19)));
        Assert.InRange(fixture.Store.Usage.OpenFiles, 1, 16);
        // What has unsynced writes stays open.
        foreach (var cache in caches)
            Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, 0, 9));
        Assert.InRange(fixture.Store.Usage.OpenFiles, 40, 50);
        foreach (var cache in caches)
            Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
        Assert.Equal(9, Read(caches[0], 0));
        foreach (var cache in caches)
            await cache.DisposeAsync();
        Assert.Equal(0, fixture.Store.Usage.OpenFiles);
    }

    private static ValueTask<DiskStatus> WriteAsync(WriteCache cache, int page, byte value)
    {
        var data = new byte[PageBytes];
        data.AsSpan().Fill(value);
        return cache.WriteAsync(page * (long)PageBytes, data, CancellationToken.None);
    }

    private static byte Read(WriteCache cache, int page)
    {
        var data = new byte[PageBytes];
        Assert.Equal(DiskStatus.Ok, cache.Read(page * (long)PageBytes, data));
        Assert.False(data.AsSpan().ContainsAnyExcept(data[0]));
        return data[0];
    }
}
