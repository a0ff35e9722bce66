using System.Diagnostics;
using Hatchery.Streaming.Tests;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>NBD and iSCSI beside nbdkit and tgt, all by TCP over the loopback, from one image in the page cache, by turns in one run.</summary>
internal static class StreamingBenchmarks
{
    private const string Target = "iqn.2026-01.farm.hatchery:b";
    private const int FileBytes = 256 * 1024 * 1024;
    private const int NbdkitPort = 33810;

    private static readonly Load[] s_reads =
    [
        new("randread", 4, 32, 1),
        new("randread", 4, 32, 4),
        new("randread", 64, 16, 1),
        new("randread", 4, 1, 1),
    ];

    private static readonly Load[] s_writes =
    [
        new("randwrite", 4, 32, 1),
        new("randwrite", 4, 32, 4),
        new("randwrite", 64, 16, 1),
        new("randwrite", 4, 1, 1),
    ];

    public static async Task<int> RunAsync(bool isQuick)
    {
        var (rounds, seconds) = isQuick ? (3, 1) : (7, 3);
        using var folder = new TempFolder();
        await WriteImageAsync(folder["disk"]);
        File.Copy(folder["disk"], folder["peer"]);
        await using var rig = await Rig.StartAsync();
        await using (var device = new DeviceDisk(folder["disk"], folder["store"]))
        {
            rig.Gate.Add(Target, device.Disk);
            await ReadByNbdAsync(rig, folder, rounds, seconds);
            await ReadByIscsiAsync(rig, folder, rounds, seconds);
        }
        await WriteByNbdAsync(rig, folder, rounds, seconds);
        return 0;
    }

    /// <summary>Serves until a line is read, for measuring and compliance suites by hand: memory, or an image with a write cache.</summary>
    public static async Task<int> ServeAsync(string kind, string? image)
    {
        using var folder = new TempFolder();
        await using var rig = await Rig.StartAsync(
            useStreams: string.Equals(kind, "streams", StringComparison.Ordinal)
        );
        await using var device = image is null ? null : new DeviceDisk(image, folder["store"]);
        if (device is null)
            rig.Gate.Add(Target, new MemoryDisk(FileBytes));
        else
            rig.Gate.Add(Target, device.Disk);
        Console.WriteLine(rig.IscsiUri(Target));
        Console.WriteLine(rig.NbdUri(Target));
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task ReadByNbdAsync(Rig rig, TempFolder folder, int rounds, int seconds)
    {
        using var nbdkit = await NbdkitAsync(folder["disk"]);
        var contest = new Contest("nbdkit", nbdkit, rounds, seconds);
        foreach (var load in s_reads)
            await contest.RunAsync(
                $"nbd {load}",
                () => FioAsync(rig.NbdUri(Target), load, seconds),
                () => FioAsync(NbdkitUri, load, seconds)
            );
        nbdkit.Kill();
        await nbdkit.WaitForExitAsync();
    }

    /// <summary>A fresh write cache each time: a real one grows, and its file system has to find the space.</summary>
    private static async Task WriteByNbdAsync(Rig rig, TempFolder folder, int rounds, int seconds)
    {
        using var nbdkit = await NbdkitAsync(folder["peer"]);
        var contest = new Contest("nbdkit", nbdkit, rounds, seconds);
        foreach (var load in s_writes)
            await contest.RunAsync(
                $"nbd {load}",
                async () =>
                {
                    await using var device = new DeviceDisk(folder["disk"], folder["store"]);
                    rig.Gate.Add(Target, device.Disk);
                    return await FioAsync(rig.NbdUri(Target), load, seconds);
                },
                () => FioAsync(NbdkitUri, load, seconds)
            );
        nbdkit.Kill();
        await nbdkit.WaitForExitAsync();
    }

    private static async Task ReadByIscsiAsync(Rig rig, TempFolder folder, int rounds, int seconds)
    {
        await using var tgt = await Tgt.StartAsync(folder["disk"], Target);
        var contest = new Contest("tgt", tgt.Process, rounds, seconds);
        foreach (var load in (Load[])[new("randread", 4, 16, 1), new("randread", 64, 16, 1)])
            await contest.RunAsync(
                $"iscsi {load}",
                () => Clients.IscsiPerfAsync(rig.IscsiUri(Target), load, seconds),
                () => Clients.IscsiPerfAsync(tgt.Uri, load, seconds)
            );
    }

    private static async Task<double> FioAsync(string uri, Load load, int seconds) =>
        (await Clients.FioAsync(uri, load, seconds)).PerSecond;

    private static string NbdkitUri => $"nbd://127.0.0.1:{NbdkitPort}";

    private static async Task<Process> NbdkitAsync(string file)
    {
        var process = Process.Start("nbdkit", ["-f", "-i", "127.0.0.1", "-p", $"{NbdkitPort}", "file", file]);
        await Waits.UntilAsync(async () => (await Tool.RunAsync("nbdinfo", ["--size", NbdkitUri])) is { ExitCode: 0 });
        return process;
    }

    private static async Task WriteImageAsync(string path)
    {
        var bytes = new byte[FileBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes);
    }
}
