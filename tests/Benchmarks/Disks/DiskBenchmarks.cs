using System.Diagnostics;
using System.Runtime.CompilerServices;
using Hatchery.Disks;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Benchmarks;

/// <summary>The write cache beside plain calls of the same sizes on the same file system, in one run; each figure is the best of three.</summary>
internal static partial class DiskBenchmarks
{
    private const long DiskBytes = 1L << 30;
    private const int BlockBytes = 4096;
    private const int Rounds = 3;

    public static Task<int> RunAsync(string[] args) =>
        InFolderAsync(
            args,
            async folder =>
            {
                Crc();
                await RandomWritesAsync(folder, writers: 1, count: 60_000);
                await RandomWritesAsync(folder, writers: 16, count: 60_000);
                await SequentialWritesAsync(folder);
                await FlushesAsync(folder);
                await ReadsAndReopenAsync(folder);
                await CompactionAsync(folder, compacts: false);
                await CompactionAsync(folder, compacts: true);
            }
        );

    private static async Task<int> InFolderAsync(string[] args, Func<string, Task> run)
    {
        var folder = Path.Combine(
            args is [var where, ..] ? where : Path.GetTempPath(),
            $"hatchery-bench-{Environment.ProcessId}"
        );
        Directory.CreateDirectory(folder);
        try
        {
            await run(folder);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Crc()
    {
        var data = new byte[1 << 20];
        new Random(1).NextBytes(data);
        uint crc = 0;
        var seconds = Best(() =>
        {
            for (var i = 0; i < 1000; i++)
            for (var at = 0; at < data.Length; at += BlockBytes)
                crc ^= Crc32C.Append(0, data.AsSpan(at, BlockBytes));
        });
        Console.WriteLine($"CRC-32C of 4 KiB blocks: {1000.0 * data.Length / seconds / 1e9:F1} GB/s (check {crc:x8})");
    }

    private static async Task RandomWritesAsync(string folder, int writers, int count)
    {
        var data = Data(BlockBytes);
        var plain = await BestAsync(async () =>
        {
            // A fresh file each round: both sides write to pages that the cache does not have yet.
            using var file = Plain(folder);
            await EachAsync(
                writers,
                count,
                (_, at) =>
                {
                    RandomAccess.Write(file, data, at);
                    return ValueTask.CompletedTask;
                }
            );
        });
        var ours = await CachedWritesAsync(folder, writers, count, null);
        Console.WriteLine(
            $"random 4 KiB writes, {writers} at once: plain pwrite {count / plain:F0}/s, write cache {ours.Said}, ratio {plain / ours.Seconds:F2}"
        );
        var atOnce = await CachedWritesAsync(folder, writers, count, Mirrored(isLater: false));
        var later = await CachedWritesAsync(folder, writers, count, Mirrored(isLater: true));
        Console.WriteLine(
            $"  with a mirror that answers at once {atOnce.Said}, ratio {ours.Seconds / atOnce.Seconds:F2}; "
                + $"from another thread {later.Said}, ratio {ours.Seconds / later.Seconds:F2}"
        );
    }

    private static WriteCacheOptions Mirrored(bool isLater) => new() { Mirror = new EchoMirror(isLater) };

    /// <summary>The time of a processor is what stays comparable where others work beside.</summary>
    private static async Task<(double Seconds, string Said)> CachedWritesAsync(
        string folder,
        int writers,
        int count,
        WriteCacheOptions? options
    )
    {
        var data = Data(BlockBytes);
        await using var cache = new Opened(folder, options);
        var (allocated, used) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);
        var seconds = await BestAsync(async () =>
            await EachAsync(
                writers,
                count,
                [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
                async ValueTask (int _, long at) => Check(await cache.Disk.WriteAsync(at, data))
            )
        );
        used = Environment.CpuUsage.TotalTime - used;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var total = (double)(Rounds * count);
        return (
            seconds,
            $"{count / seconds:F0}/s ({used.TotalMicroseconds / total:F1} us of processor and {allocated / total:F0} bytes allocated each)"
        );
    }

    private static async Task SequentialWritesAsync(string folder)
    {
        const int Piece = 1 << 20;
        var data = Data(Piece);
        var plain = Best(() =>
        {
            using var file = Plain(folder);
            for (long at = 0; at < DiskBytes / 2; at += Piece)
                RandomAccess.Write(file, data, at);
        });
        await using var cache = new Opened(folder);
        var ours = await BestAsync(async () =>
        {
            for (long at = 0; at < DiskBytes / 2; at += Piece)
                Check(await cache.Disk.WriteAsync(at, data));
        });
        Console.WriteLine(
            $"sequential 1 MiB writes: plain pwrite {DiskBytes / 2 / plain / 1e6:F0} MB/s, write cache {DiskBytes / 2 / ours / 1e6:F0} MB/s"
        );
    }

    private static async Task FlushesAsync(string folder)
    {
        const int Count = 200;
        var data = Data(BlockBytes);
        using var file = Plain(folder);
        var plain = Best(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                RandomAccess.Write(file, data, i * BlockBytes);
                RandomAccess.FlushToDisk(file);
            }
        });
        await using var cache = new Opened(folder);
        var ours = await BestAsync(async () =>
        {
            for (var i = 0; i < Count; i++)
                Check(await cache.Disk.WriteAsync(i * BlockBytes, data, forceUnitAccess: true));
        });
        var shared = await BestAsync(async () =>
            await EachAsync(
                16,
                Count,
                async (_, at) => Check(await cache.Disk.WriteAsync(at, data, forceUnitAccess: true))
            )
        );
        Console.WriteLine(
            $"4 KiB write and flush: plain pwrite and fsync {plain / Count * 1e6:F0} us, write cache {ours / Count * 1e6:F0} us, 16 at once {shared / Count * 1e6:F0} us each"
        );
    }

    private static async Task ReadsAndReopenAsync(string folder)
    {
        const int Count = 200_000;
        var data = Data(1 << 20);
        await using var cache = new Opened(folder);
        for (long at = 0; at < DiskBytes / 4; at += data.Length)
            Check(await cache.Disk.WriteAsync(at, data));
        using var file = Plain(folder);
        for (long at = 0; at < DiskBytes / 4; at += data.Length)
            RandomAccess.Write(file, data, at);
        var block = new byte[BlockBytes];
        var random = new Random(1);
        var plain = Best(() =>
        {
            for (var i = 0; i < Count; i++)
                _ = RandomAccess.Read(file, block, random.Next((int)(DiskBytes / 4 / BlockBytes)) * (long)BlockBytes);
        });
        var ours = await BestAsync(async () =>
        {
            for (var i = 0; i < Count; i++)
                Check(
                    await cache.Disk.ReadAsync(random.Next((int)(DiskBytes / 4 / BlockBytes)) * (long)BlockBytes, block)
                );
        });
        Console.WriteLine(
            $"random 4 KiB reads, cached: plain pread {Count / plain:F0}/s, write cache {Count / ours:F0}/s"
        );
        await cache.Disk.DisposeAsync();
        var seconds = await BestAsync(cache.ReopenAsync);
        Console.WriteLine($"reopening, the newest 256 MiB verified: {DiskBytes / 4 / seconds / 1e9:F2} GB/s");
    }

    /// <summary>64 KiB writes over and over on 128 MiB, with a compactor at work or without.</summary>
    private static async Task CompactionAsync(string folder, bool compacts)
    {
        const int Count = 24_000;
        const int Piece = 64 << 10;
        const long Region = 128L << 20;
        await using var opened = new Opened(folder, new() { SegmentSizeBytes = 32L << 20 });
        var (data, random, longest) = (Data(Piece), new Random(1), TimeSpan.Zero);
        await using var compactor = new Compactor(
            opened.Store,
            new() { Interval = TimeSpan.FromMilliseconds(100) },
            TimeProvider.System
        );
        if (compacts)
            compactor.Start();
        var start = Stopwatch.GetTimestamp();
        var most = 0L;
        for (var i = 0; i < Count; i++)
        {
            var before = Stopwatch.GetTimestamp();
            Check(await opened.Disk.WriteAsync(random.NextInt64(Region / Piece) * Piece, data));
            var took = Stopwatch.GetElapsedTime(before);
            longest = took > longest ? took : longest;
            most = Math.Max(most, opened.Cache.SizeBytes);
            if (i % 256 == 0)
                Check(await opened.Disk.FlushAsync());
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"64 KiB writes over 128 MiB, {(compacts ? "compacted beside" : "not compacted")}: {Count * (double)Piece / seconds / 1e6:F0} MB/s, "
                + $"longest write {longest.TotalMilliseconds:F0} ms, files at most {most >> 20} MiB, at the end {opened.Cache.SizeBytes >> 20} MiB"
        );
    }

    private static async Task EachAsync(int writers, int count, Func<int, long, ValueTask> act) =>
        await Task.WhenAll(
            Enumerable
                .Range(0, writers)
                .Select(w =>
                    Task.Run(async () =>
                    {
                        var random = new Random(w);
                        for (var i = w; i < count; i += writers)
                            await act(i, random.NextInt64(DiskBytes / BlockBytes) * BlockBytes);
                    })
                )
        );

    private static double Best(Action act) =>
        Enumerable
            .Range(0, Rounds)
            .Min(_ =>
            {
                var start = Stopwatch.GetTimestamp();
                act();
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            });

    private static async Task<double> BestAsync(Func<Task> act)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await act();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    private static SafeFileHandle Plain(string folder) =>
        File.OpenHandle(
            Path.Combine(folder, "plain"),
            FileMode.Create,
            FileAccess.ReadWrite,
            options: FileOptions.DeleteOnClose
        );

    private static byte[] Data(int length)
    {
        var data = new byte[length];
        new Random(1).NextBytes(data);
        return data;
    }

    private static void Check(DiskStatus status)
    {
        if (status != DiskStatus.Ok)
            throw new InvalidOperationException(status.ToString());
    }

    /// <summary>A store with one empty image and one write cache, gone when disposed.</summary>
    private sealed class Opened : IAsyncDisposable
    {
        private readonly string _folder;
        private readonly LayerId _layer = new(Guid.NewGuid());

        public Opened(string folder, WriteCacheOptions? options = null, long diskBytes = DiskBytes)
        {
            _folder = Path.Combine(folder, "store");
            Directory.CreateDirectory(_folder);
            using (var file = File.OpenHandle(Path.Combine(_folder, "disk"), FileMode.Create, FileAccess.Write))
                RandomAccess.SetLength(file, diskBytes);
            Image = BaseImage.Open(Path.Combine(_folder, "disk"), default).Value!;
            Store = Store.Open(_folder).Value!;
            Cache = Store.CreateCache(Image, default, default, default, new(1), _layer, options).Value!;
            Disk = new(Cache);
        }

        public Store Store { get; }

        public BaseImage Image { get; }

        public WriteCache Cache { get; }

        public OverlayDisk Disk { get; }

        public async Task ReopenAsync()
        {
            await using var cache = Store.OpenCache(Image, _layer, new(1)).Value!;
        }

        public async ValueTask DisposeAsync()
        {
            await Disk.DisposeAsync();
            Store.Dispose();
            Image.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
