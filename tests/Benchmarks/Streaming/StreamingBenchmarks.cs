using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Streaming.Tests;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>Random reads by NBD and iSCSI beside nbdkit and tgt, all from one file in the page cache, in one run.</summary>
internal static partial class StreamingBenchmarks
{
    private const string Target = "iqn.2026-01.farm.hatchery:b";
    private const int FileBytes = 256 * 1024 * 1024;

    public static async Task<int> RunAsync()
    {
        using var folder = new TempFolder();
        var bytes = new byte[FileBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(folder["disk"], bytes);
        await using var rig = await Rig.StartAsync();
        await using var plain = await Rig.StartAsync(useStreams: false);
        rig.Gate.Add(Target, new FileDisk(folder["disk"]));
        plain.Gate.Add(Target, new FileDisk(folder["disk"]));
        await CompareNbdAsync(rig, plain, folder);
        await CompareIscsiAsync(rig, folder);
        return 0;
    }

    /// <summary>Serves until a line is read, for measuring and compliance suites by hand.</summary>
    public static async Task<int> ServeAsync(string kind)
    {
        await using var rig = await Rig.StartAsync(
            useStreams: string.Equals(kind, "streams", StringComparison.Ordinal)
        );
        rig.Gate.Add(Target, new MemoryDisk(FileBytes));
        Console.WriteLine(rig.IscsiUri(Target));
        Console.WriteLine(rig.NbdUri(Target));
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task CompareNbdAsync(Rig rig, Rig plain, TempFolder folder)
    {
        using var nbdkit = Process.Start("nbdkit", ["-f", "-U", folder["nbdkit"], "file", folder["disk"]]);
        await WaitForAsync(() => File.Exists(folder["nbdkit"]));
        foreach (var (block, depth) in new[] { ("4k", 32), ("64k", 16) })
        {
            var theirs = await FioAsync($"nbd+unix:///?socket={folder["nbdkit"]}", block, depth);
            var ours = await FioAsync(rig.NbdUri(Target), block, depth);
            var loop = await FioAsync(plain.NbdUri(Target), block, depth);
            Console.WriteLine(
                $"nbd {block} random read: hatchery {ours:f0}, plain loop {loop:f0}, nbdkit {theirs:f0} IOPS; hatchery/nbdkit {ours / theirs:f2}"
            );
        }
        nbdkit.Kill();
    }

    private static async Task CompareIscsiAsync(Rig rig, TempFolder folder)
    {
        using var tgtd = Process.Start("tgtd", ["-f", "-C", "77", "--iscsi", "portal=127.0.0.1:33260"]);
        try
        {
            await WaitForAsync(() => TgtadmAsync("--mode", "sys", "--op", "show"));
            await TgtadmAsync("--lld", "iscsi", "--mode", "target", "--op", "new", "--tid", "1", "-T", Target);
            await TgtadmAsync([
                "--lld",
                "iscsi",
                "--mode",
                "logicalunit",
                "--op",
                "new",
                "--tid",
                "1",
                "--lun",
                "1",
                "-b",
                folder["disk"],
            ]);
            await TgtadmAsync("--lld", "iscsi", "--mode", "target", "--op", "bind", "--tid", "1", "-I", "ALL");
            foreach (var (blocks, depth) in new[] { (8, 16), (128, 16) })
            {
                var theirs = await IscsiPerfAsync($"iscsi://127.0.0.1:33260/{Target}/1", blocks, depth);
                var ours = await IscsiPerfAsync(rig.IscsiUri(Target), blocks, depth);
                Console.WriteLine(
                    $"iscsi {blocks / 2}k random read: hatchery {ours:f0}, tgt {theirs:f0} IOPS; hatchery/tgt {ours / theirs:f2}"
                );
            }
        }
        finally
        {
            tgtd.Kill();
        }
    }

    private static async Task<double> FioAsync(string uri, string block, int depth)
    {
        var run = await Tool.RunAsync(
            "fio",
            [
                "--name=b",
                "--ioengine=nbd",
                $"--uri={uri}",
                "--rw=randread",
                $"--bs={block}",
                $"--iodepth={depth}",
                "--size=256M",
                "--time_based",
                "--runtime=5",
                "--output-format=terse",
            ]
        );
        // Field 8 of the terse format: read IOPS.
        return double.Parse(run.Output.Split(';')[7], CultureInfo.InvariantCulture);
    }

    /// <summary>iscsi-perf never ends by itself; its last report before the time is up counts.</summary>
    private static async Task<double> IscsiPerfAsync(string uri, int blocks, int depth)
    {
        var run = await Tool.RunAsync(
            "timeout",
            ["5", "stdbuf", "-oL", "iscsi-perf", "-b", $"{blocks}", "-m", $"{depth}", "-r", uri]
        );
        var reports = Iops().Matches(run.Output);
        return reports.Count == 0
            ? double.NaN
            : double.Parse(reports[^1].Groups["iops"].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static async Task<bool> TgtadmAsync(params string[] arguments) =>
        (await Tool.RunAsync("tgtadm", ["-C", "77", .. arguments])).ExitCode == 0;

    private static Task WaitForAsync(Func<bool> ready) => WaitForAsync(() => Task.FromResult(ready()));

    private static async Task WaitForAsync(Func<Task<bool>> ready)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await ready())
            await Task.Delay(50, limit.Token);
    }

    [GeneratedRegex(@"iops average (?<iops>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Iops();
}
