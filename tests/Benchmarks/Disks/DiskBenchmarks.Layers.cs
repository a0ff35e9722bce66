using System.Collections.Immutable;
using System.Diagnostics;
using Hatchery.Disks;

namespace Hatchery.Benchmarks;

/// <summary>What layers cost who reads through them, and what a large write cache costs in memory and to open.</summary>
internal static partial class DiskBenchmarks
{
    public static Task<int> RunLayersAsync(string[] args) =>
        InFolderAsync(
            args,
            async folder =>
            {
                await LayersAsync(folder);
                await LargeCacheAsync(folder);
            }
        );

    /// <summary>10 GiB in pieces of 1 MiB all over a disk of 100 GiB.</summary>
    private static async Task LargeCacheAsync(string folder)
    {
        const int Piece = 1 << 20;
        const int PiecesOfDisk = 100 << 10;
        const int Written = 10 << 10;
        await using var opened = new Opened(folder, diskBytes: (long)PiecesOfDisk * Piece);
        var (data, pieces) = (Data(Piece), Enumerable.Range(0, PiecesOfDisk).ToArray());
        new Random(1).Shuffle(pieces);
        foreach (var piece in pieces[..Written])
            Check(await opened.Disk.WriteAsync((long)piece * Piece, data));
        var memory = opened.Cache.IndexMemoryBytes;
        await opened.Disk.DisposeAsync();
        var used = Environment.CpuUsage.TotalTime;
        var seconds = await BestAsync(opened.ReopenAsync);
        used = Environment.CpuUsage.TotalTime - used;
        Console.WriteLine(
            $"a write cache of a 100 GiB disk with 10 GiB written: index {memory / (double)(10 << 20):F2} MiB for each GiB, opened in {seconds * 1000:F0} ms, {used.TotalMilliseconds / Rounds:F0} ms of processor"
        );
    }

    /// <summary>The same 160 MiB in random pages, in 1, 5 and 20 closed layers: reads, by turns, of an empty write cache on each.</summary>
    private static async Task LayersAsync(string folder)
    {
        // Short turns, of which some are disturbed by nobody.
        const int Count = 5_000;
        const int Turns = 100;
        const int Pages = 40_960;
        const int RegionPages = 65_536;
        int[] depths = [1, 5, 20];
        await using var opened = new Opened(folder);
        var image = new ImageImport(new(Guid.NewGuid()), "disk", Path.Combine(opened.Store.RootPath, "disk"), "raw");
        Check((await opened.Store.ImportImageAsync(image, TimeProvider.System)).Fault);
        var written = Enumerable.Range(0, RegionPages).ToArray();
        new Random(1).Shuffle(written);
        var tops = new List<(IBlockReader Below, OverlayDisk Disk)>();
        foreach (var depth in depths)
        {
            var chain = ImmutableArray.Create(image.Layer);
            for (var layer = 0; layer < depth; layer++)
                chain = await AddLayerAsync(
                    opened.Store,
                    chain,
                    written[(Pages / depth * layer)..(Pages / depth * (layer + 1))]
                );
            var before = opened.Store.Usage.IndexMemoryBytes;
            var start = Stopwatch.GetTimestamp();
            var below = opened.Store.OpenChain(default, chain).Value!;
            Console.WriteLine(
                $"{depth} layers: opened in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, index {opened.Store.Usage.IndexMemoryBytes - before >> 10} KiB"
            );
            tops.Add((below, new(Cache(opened.Store, below))));
        }
        var (block, seconds) = (new byte[BlockBytes], depths.Select(_ => double.MaxValue).ToArray());
        for (var round = 0; round < Turns; round++)
            foreach (var (at, (_, disk)) in tops.Index())
            {
                var random = new Random(round);
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < Count; i++)
                    Check(await disk.ReadAsync(random.Next(RegionPages) * (long)BlockBytes, block));
                seconds[at] = Math.Min(seconds[at], Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        foreach (var (at, depth) in depths.Index())
            Console.WriteLine(
                $"random 4 KiB reads through {depth} layers: {Count / seconds[at]:F0}/s, {seconds[0] / seconds[at]:F2} of those through one"
            );
        foreach (var (below, disk) in tops)
        {
            await disk.DisposeAsync();
            below.Dispose();
        }
    }

    private static async Task<ImmutableArray<LayerId>> AddLayerAsync(
        Store store,
        ImmutableArray<LayerId> chain,
        int[] pages
    )
    {
        var block = Data(BlockBytes);
        using var below = store.OpenChain(default, chain).Value!;
        var cache = Cache(store, below);
        foreach (var page in pages)
            Check(await cache.WriteAsync(page * (long)BlockBytes, block, default));
        await cache.DisposeAsync();
        var merge = new LayerMerge(default, new(Guid.NewGuid()), "disk", chain, chain.Length, cache.Layer);
        Check((await store.MergeAsync(merge, TimeProvider.System)).Fault ?? store.DeleteCache(cache.Layer));
        return [.. chain, merge.Layer];
    }

    private static WriteCache Cache(Store store, IBlockReader below) =>
        store.CreateCache(below, default, default, default, new(1), new(Guid.NewGuid())).Value!;

    private static void Check(StoreFault? fault)
    {
        if (fault is not null)
            throw new InvalidOperationException(fault.ToString());
    }
}
