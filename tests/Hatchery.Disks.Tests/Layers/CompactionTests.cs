using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class CompactionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int PageBytes = 4096;
    private static readonly WriteCacheOptions s_small = new() { SegmentSizeBytes = 1 << 20 };

    private readonly StoreFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Overwritten_data_give_their_space_back()
    {
        var cache = _fixture.Create(s_small);
        for (var round = 0; round < 20; round++)
            await FillAsync(cache, 0, 512, (byte)(round + 1));
        Assert.InRange(cache.SizeBytes, 40 << 20, 60 << 20);
        await CompactAllAsync(cache);
        Assert.InRange(cache.SizeBytes, 2 << 20, 5 << 20);
        Assert.Equal(cache.SizeBytes, _fixture.Segments(cache.Layer).Sum(f => new FileInfo(f).Length));
        Assert.Equal(cache.SizeBytes, _fixture.Store.Usage.CachesBytes);
        await cache.DisposeAsync();
        var again = _fixture.Reopen(cache, s_small).Value!;
        Expect(again, 0, 512, 20);
        Assert.Equal(512 * PageBytes, again.LiveBytes);
    }

    [Fact]
    public async Task Discarded_blocks_stay_zeroes_and_hide_what_lies_below()
    {
        var below = _fixture.Create();
        await FillAsync(below, 0, 1024, 7);
        await below.DisposeAsync();
        using var chain = _fixture.OpenChain(await _fixture.CloseAsync(below, _fixture.Image.Layer));
        var cache = _fixture.Create(s_small, chain);
        await FillAsync(cache, 0, 768, 8);
        Assert.Equal(DiskStatus.Ok, await cache.ZeroAsync(0, (512 * PageBytes) + 1024, CancellationToken.None));
        for (var i = 0; i < 4; i++)
            await FillAsync(cache, 2048, 512, 9);
        await CompactAllAsync(cache);
        await cache.DisposeAsync();
        Assert.InRange(_fixture.Segments(cache.Layer).Sum(f => new FileInfo(f).Length), 3 << 20, 6 << 20);
        var again = _fixture.Reopen(cache, s_small, chain).Value!;
        Expect(again, 0, 512, 0);
        Expect(again, 513, 255, 8);
        Expect(again, 768, 256, 7);
        var split = new byte[PageBytes];
        Assert.Equal(DiskStatus.Ok, again.Read(512 * PageBytes, split));
        Assert.Equal((0, 8), (split[1023], split[1024]));
        await again.DisposeAsync();
    }

    [Fact]
    public async Task It_goes_on_beside_writes_flushes_and_reads_and_none_of_them_sees_anything_of_it()
    {
        var random = Seed.New(output);
        var cache = _fixture.Create(s_small);
        var compactor = new Compactor(_fixture.Store, new() { BytesPerSecond = 1L << 40 }, TimeProvider.System);
        using var done = new CancellationTokenSource();
        var expected = new byte[4][];
        var writers = Enumerable
            .Range(0, expected.Length)
            .Select(w => Task.Run(async () => expected[w] = await WriteAsync(cache, compactor, w, random.Next())))
            .ToArray();
        var compacting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await compactor.SweepAsync();
        });
        await Task.WhenAll(writers);
        await done.CancelAsync();
        await compacting;
        output.WriteLine($"{compactor.FreedBytes >> 20} MiB given back, {cache.SizeBytes >> 20} MiB left");
        Assert.InRange(compactor.FreedBytes, 10 << 20, long.MaxValue);
        Check(cache);
        await cache.DisposeAsync();
        Check(_fixture.Reopen(cache, s_small).Value!);

        void Check(WriteCache now)
        {
            for (var w = 0; w < expected.Length; w++)
            {
                var actual = new byte[expected[w].Length];
                Assert.Equal(DiskStatus.Ok, now.Read((long)w * actual.Length, actual));
                Assert.True(actual.AsSpan().SequenceEqual(expected[w]), $"writer {w}");
            }
        }
    }

    [Fact]
    public async Task A_damaged_segment_is_not_compacted_away()
    {
        var cache = _fixture.Create(s_small);
        await FillAsync(cache, 0, 512, 1);
        await FillAsync(cache, 0, 400, 2);
        var path = _fixture.Segments(cache.Layer)[1];
        StoreFixture.Flip(path, 200 * PageBytes);
        Assert.Equal(DiskStatus.IoError, await cache.CompactAsync(new HashSet<int> { 1, 2 }));
        Assert.Equal(path, cache.Fault!.Path);
        Assert.Contains(path, _fixture.Segments(cache.Layer));
    }

    [Fact]
    public async Task Rows_with_as_many_gaps_as_a_header_has_room_for_are_still_compacted()
    {
        var cache = _fixture.Create(new() { SegmentSizeBytes = 32 << 10 });
        for (var i = 0; i < 200; i++)
            await FillAsync(cache, i * 8, 8, 1);
        // Every other segment loses its data.
        for (var i = 0; i < 200; i += 2)
            await FillAsync(cache, i * 8, 8, 2);
        for (var i = 0; i < 300; i++)
            if (cache.SizeBytes > 200 * 44 << 10 && cache.SegmentsToCompact(urgent: true) is { Count: > 0 } segments)
                Assert.Equal(DiskStatus.Ok, await cache.CompactAsync(segments));
        var next = cache.ClosedSegments[^1].Number + 1;
        Assert.InRange(ClosedSegment.GapsIn(cache.ClosedSegments, next).Count, 1, SegmentHeader.GapsMax);
        Assert.InRange(cache.SizeBytes, 200 * 32 << 10, 200 * 44 << 10);
        await cache.DisposeAsync();
        var again = _fixture.Reopen(cache).Value!;
        for (var i = 0; i < 200; i++)
            Expect(again, i * 8, 8, (byte)(i % 2 == 0 ? 2 : 1));
    }

    private static async Task CompactAllAsync(WriteCache cache)
    {
        while (cache.SegmentsToCompact(urgent: false) is { Count: > 0 } segments)
            Assert.Equal(DiskStatus.Ok, await cache.CompactAsync(segments));
    }

    private static async Task FillAsync(WriteCache cache, int page, int pages, byte value)
    {
        var data = new byte[16 * PageBytes];
        data.AsSpan().Fill(value);
        for (var at = 0; at < pages; at += 16)
            Assert.Equal(
                DiskStatus.Ok,
                await cache.WriteAsync(
                    (page + at) * (long)PageBytes,
                    data.AsMemory(0, Math.Min(16, pages - at) * PageBytes),
                    CancellationToken.None
                )
            );
    }

    private static void Expect(WriteCache cache, int page, int pages, byte value)
    {
        var actual = new byte[pages * PageBytes];
        Assert.Equal(DiskStatus.Ok, cache.Read(page * (long)PageBytes, actual));
        Assert.False(actual.AsSpan().ContainsAnyExcept(value), $"pages from {page}");
    }

    [Fact]
    public async Task A_cache_whose_copies_do_not_answer_keeps_no_other_from_being_compacted()
    {
        var mirror = new SilentMirror();
        WriteCache[] caches = [_fixture.Create(s_small with { Mirror = mirror }), _fixture.Create(s_small)];
        foreach (var cache in caches)
            for (var round = 0; round < 6; round++)
                await FillAsync(cache, 0, 512, (byte)(round + 1));
        mirror.IsSilent = true;
        var (time, limit) = (new ManualTime(), TimeSpan.FromMinutes(1));
        try
        {
            await using var compactor = new Compactor(_fixture.Store, new(), time);
            var sweeping = compactor.SweepAsync();
            await Eventually.TrueAsync(() => Passes(sweeping.IsCompleted), limit);
            // One that is left is not begun a second time.
            sweeping = compactor.SweepAsync();
            await Eventually.TrueAsync(() => Passes(sweeping.IsCompleted), limit);
            await Eventually.TrueAsync(() => Passes(caches[1].SizeBytes < 6 << 20), limit);
            Assert.InRange(caches[0].SizeBytes, 12 << 20, long.MaxValue);
        }
        finally
        {
            mirror.Cache.Fence();
        }

        bool Passes(bool isSo)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return isSo;
        }
    }

    private static async Task<byte[]> WriteAsync(WriteCache cache, Compactor compactor, int writer, int seed)
    {
        const int Sectors = 4096;
        const int WritesMax = 200_000;
        var random = new Random(seed);
        var expected = new byte[Sectors * 512];
        for (var i = 0; i < 1000 || (compactor.FreedBytes < 10 << 20 && i < WritesMax); i++)
        {
            var sector = random.Next(Sectors);
            var data = new byte[Math.Min(random.Next(1, 24), Sectors - sector) * 512];
            if (i % 9 > 0)
                random.NextBytes(data);
            var at = ((long)writer * expected.Length) + (sector * 512);
            var status =
                i % 9 > 0
                    ? await cache.WriteAsync(at, data, CancellationToken.None)
                    : await cache.ZeroAsync(at, data.Length, CancellationToken.None);
            Assert.Equal(DiskStatus.Ok, status);
            data.CopyTo(expected, sector * 512);
            if (i % 50 == 0)
                Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
            if (i % 5 == 0)
            {
                var read = new byte[data.Length];
                Assert.Equal(DiskStatus.Ok, cache.Read(at, read));
                Assert.Equal(data, read);
            }
        }
        return expected;
    }

    private sealed class SilentMirror : ICacheMirror
    {
        public IMirroredCache Cache { get; private set; } = null!;

        public volatile bool IsSilent;

        public bool HasRoom => true;

        public bool IsElsewhere => false;

        public void Begin(IMirroredCache cache) => Cache = cache;

        public bool Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts) => !IsSilent;

        public bool Sync(CachePosition upTo) => !IsSilent;
    }
}
