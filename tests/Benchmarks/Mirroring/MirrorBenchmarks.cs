using System.Diagnostics;
using System.Globalization;
using Hatchery.Disks;
using Hatchery.Streaming.Tests;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>
/// Writes into a write cache with a mirror and without, by turns in one run: calls of the disk, and fio by NBD. The mirror is a process of its
/// own, but shares this machine's cores and disk with streamer and client: where these are the bound, a second copy of everything can at best
/// halve the pace. What two machines would give lies between that ratio and the one of the streamer's own processor time, which is said beside
/// it. Before anything is measured both have worked for a while, as the code of a server that runs has been compiled for good. TMPDIR says where the
/// stores lie; on a disk of others' the medians of syncs are theirs.
/// </summary>
internal static class MirrorBenchmarks
{
    private const string Target = "iqn.2026-01.farm.hatchery:b";
    private const long DiskBytes = 256L << 20;

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);

    private static readonly int[] s_sizesKiB = [4, 64];
    private static readonly int[] s_flushEvery = [1, 16, 256];
    private static readonly int[] s_depths = [1, 16];

    /// <param name="words">Only cases with all of these in their titles.</param>
    /// <param name="mirrorOn">The processor core that the mirror is kept on; null: any.</param>
    public static async Task<int> RunAsync(bool isQuick, string[] words, string? mirrorOn = null)
    {
        using var folder = new TempFolder();
        await using (var file = File.Create(folder["disk"]))
            file.SetLength(DiskBytes);
        using var member = await MirrorMember.StartAsync(folder["member"], mirrorOn);
        await using var rig = await Rig.StartAsync();
        foreach (var isMirrored in new[] { true, false })
        {
            await using var opened = await OpenAsync(isMirrored);
            foreach (var size in s_sizesKiB)
                await ByDiskAsync(opened, size << 10, s_depths[^1], s_flushEvery[1], s_warmUp);
        }
        foreach (var way in new[] { "disk", "nbd" })
        foreach (var size in s_sizesKiB)
        foreach (var depth in s_depths)
        foreach (var every in s_flushEvery)
        {
            var title = $"{way}: {size} KiB, {depth} at once, flush every {every}";
            if (!words.All(word => title.Contains(word, StringComparison.Ordinal)))
                continue;
            await CompareAsync(
                title,
                rounds: isQuick ? 3 : 7,
                async isMirrored =>
                {
                    await using var opened = await OpenAsync(isMirrored);
                    var before = member.ProcessorTime;
                    var figures =
                        way == "disk"
                            ? await ByDiskAsync(opened, size << 10, depth, every, s_round)
                            : await ByNbdAsync(rig, opened, new("randwrite", size, depth, 1), every);
                    return (figures, (member.ProcessorTime - before).TotalMicroseconds / figures.Requests);
                }
            );
        }
        return 0;

        Task<MirroredDisk> OpenAsync(bool isMirrored) =>
            MirroredDisk.OpenAsync(folder["disk"], folder["store"], member, isMirrored);
    }

    /// <summary>
    /// As two machines of one core each would do, but for the disk that they share: streamer and client are kept on one core, with a mirror and without, and
    /// the mirror on another.
    /// </summary>
    public static async Task<int> RunApartAsync(string[] arguments)
    {
        using var pinned = Process.Start(
            "taskset",
            ["--cpu-list", "0", Environment.ProcessPath!, "mirror", "--mirror-on", "1", .. arguments]
        );
        await pinned.WaitForExitAsync();
        return pinned.ExitCode;
    }

    private static async Task CompareAsync(string what, int rounds, Func<bool, Task<(Figures, double)>> run)
    {
        var all = new Dictionary<bool, List<(Figures Ours, double MemberMicros)>> { [false] = [], [true] = [] };
        for (var round = 0; round <= rounds; round++)
            // Who goes first changes. The first round warms up.
            foreach (var isMirrored in new[] { round % 2 == 0, round % 2 == 1 })
            {
                var figures = await run(isMirrored);
                if (round > 0)
                    all[isMirrored].Add(figures);
            }
        var (without, with) = (all[false], all[true]);
        var ratios = without.Zip(with, (one, other) => other.Ours.PerSecond / one.Ours.PerSecond).Order().ToArray();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: without {Median(without)}, with a mirror {Median(with)} and the mirror's {with.Select(f => f.MemberMicros).Order().ElementAt(rounds / 2):f1} us; ratio {ratios[rounds / 2]:f2} ({ratios[0]:f2} to {ratios[^1]:f2}), of the streamer's processor time {Processor(without) / Processor(with):f2}"
            )
        );
    }

    private static double Processor(List<(Figures Ours, double MemberMicros)> all) =>
        all.Select(f => f.Ours.ProcessorMicros).Order().ElementAt(all.Count / 2);

    private static Figures Median(List<(Figures Ours, double MemberMicros)> all) =>
        all.Select(f => f.Ours).OrderBy(f => f.PerSecond).ElementAt(all.Count / 2);

    private static async Task<Figures> ByDiskAsync(
        MirroredDisk opened,
        int sizeBytes,
        int depth,
        int flushEvery,
        TimeSpan limit
    )
    {
        var processor = Environment.CpuUsage.TotalTime;
        var (disk, start) = (opened.Disk, Stopwatch.GetTimestamp());
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
            sorted.Length,
            sorted.Length / seconds,
            sorted[sorted.Length / 2],
            sorted[sorted.Length * 99 / 100],
            processor.TotalMicroseconds / sorted.Length
        );
    }

    private static async Task<Figures> ByNbdAsync(Rig rig, MirroredDisk opened, Load load, int flushEvery)
    {
        rig.Gate.Add(Target, opened.Disk);
        return await Clients.FioAsync(rig.NbdUri(Target), load, seconds: 1, flushEvery);
    }

    private static void Check(DiskStatus status)
    {
        if (status != DiskStatus.Ok)
            throw new InvalidOperationException(status.ToString());
    }
}
