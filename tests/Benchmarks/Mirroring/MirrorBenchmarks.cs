using System.Diagnostics;
using System.Globalization;
using Hatchery.Disks;
using Hatchery.Streaming.Tests;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>
/// Writes into a write cache with a mirror and without, by turns in one run: calls of the disk, and fio by NBD. Both stores, both ends of the
/// connection and the client share this machine's cores and disk. TMPDIR says where the stores lie.
/// </summary>
internal static class MirrorBenchmarks
{
    private const string Target = "iqn.2026-01.farm.hatchery:b";
    private const long DiskBytes = 256L << 20;

    private static readonly int[] s_sizesKiB = [4, 64];
    private static readonly int[] s_flushEvery = [1, 16, 256];
    private static readonly int[] s_depths = [1, 16];

    public static async Task<int> RunAsync(bool isQuick)
    {
        var rounds = isQuick ? 3 : 5;
        using var folder = new TempFolder();
        await using (var file = File.Create(folder["disk"]))
            file.SetLength(DiskBytes);
        foreach (var size in s_sizesKiB)
        foreach (var depth in s_depths)
        foreach (var every in s_flushEvery)
            await CompareAsync(
                $"disk: {size} KiB, {depth} at once, flush every {every}",
                rounds,
                isMirrored => ByDiskAsync(folder, isMirrored, size << 10, depth, every)
            );
        await using var rig = await Rig.StartAsync();
        foreach (var size in s_sizesKiB)
        foreach (var depth in s_depths)
        foreach (var every in s_flushEvery)
            await CompareAsync(
                $"nbd:  {size} KiB, {depth} at once, flush every {every}",
                rounds,
                isMirrored => ByNbdAsync(rig, folder, isMirrored, new("randwrite", size, depth, 1), every)
            );
        return 0;
    }

    private static async Task CompareAsync(string what, int rounds, Func<bool, Task<Figures>> run)
    {
        var (without, with) = (new List<Figures>(), new List<Figures>());
        for (var round = 0; round <= rounds; round++)
        {
            var (one, other) = (await run(false), await run(true));
            // The first warms up.
            if (round == 0)
                continue;
            without.Add(one);
            with.Add(other);
        }
        var ratios = without.Zip(with, (one, other) => other.PerSecond / one.PerSecond).Order().ToArray();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: without {Median(without)}, with a mirror {Median(with)}; ratio {ratios[ratios.Length / 2]:f2} ({ratios[0]:f2} to {ratios[^1]:f2})"
            )
        );
    }

    private static Figures Median(List<Figures> all) => all.OrderBy(f => f.PerSecond).ElementAt(all.Count / 2);

    private static async Task<Figures> ByDiskAsync(
        TempFolder folder,
        bool isMirrored,
        int sizeBytes,
        int depth,
        int flushEvery
    )
    {
        await using var opened = await MirroredDisk.OpenAsync(folder["disk"], folder["stores"], isMirrored);
        var processor = Environment.CpuUsage.TotalTime;
        var (disk, start, limit) = (opened.Disk, Stopwatch.GetTimestamp(), TimeSpan.FromSeconds(1));
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, depth)
                .Select(writer =>
                    Task.Run(async () =>
                    {
                        var (random, data, took) = (new Random(writer), new byte[sizeBytes], new List<double>());
                        random.NextBytes(data);
                        for (var i = 1; Stopwatch.GetElapsedTime(start) < limit; i++)
                        {
                            var before = Stopwatch.GetTimestamp();
                            Check(await disk.WriteAsync(random.NextInt64(DiskBytes / sizeBytes) * sizeBytes, data));
                            took.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
                            if (i % flushEvery == 0)
                                Check(await disk.FlushAsync());
                        }
                        return took;
                    })
                )
        );
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sorted = times.SelectMany(t => t).Order().ToArray();
        processor = Environment.CpuUsage.TotalTime - processor;
        return new(
            sorted.Length / seconds,
            sorted[sorted.Length / 2],
            sorted[sorted.Length * 99 / 100],
            processor.TotalMicroseconds / sorted.Length
        );
    }

    private static async Task<Figures> ByNbdAsync(
        Rig rig,
        TempFolder folder,
        bool isMirrored,
        Load load,
        int flushEvery
    )
    {
        await using var opened = await MirroredDisk.OpenAsync(folder["disk"], folder["stores"], isMirrored);
        rig.Gate.Add(Target, opened.Disk);
        return await Clients.FioAsync(rig.NbdUri(Target), load, seconds: 1, flushEvery);
    }

    private static void Check(DiskStatus status)
    {
        if (status != DiskStatus.Ok)
            throw new InvalidOperationException(status.ToString());
    }
}
