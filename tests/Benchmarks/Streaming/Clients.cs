using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>One pattern of requests; each connection has <paramref name="Depth"/> of them under way.</summary>
internal sealed record Load(string Pattern, int BlockKiB, int Depth, int Connections)
{
    public override string ToString() => $"{Pattern} {BlockKiB}k, {Connections} x depth {Depth}";
}

/// <summary>Clients that are nobody's: fio for NBD, libiscsi's iscsi-perf for iSCSI.</summary>
internal static partial class Clients
{
    /// <returns>Requests in a second.</returns>
    public static async Task<double> FioAsync(string uri, Load load, int seconds)
    {
        var run = await Tool.RunAsync(
            "fio",
            [
                "--name=b",
                "--ioengine=nbd",
                $"--uri={uri}",
                $"--rw={load.Pattern}",
                $"--bs={load.BlockKiB}k",
                $"--iodepth={load.Depth}",
                $"--numjobs={load.Connections}",
                "--group_reporting",
                "--size=256M",
                "--time_based",
                $"--runtime={seconds}",
                "--output-format=terse",
            ]
        );
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"fio failed: {run.Output}{run.Errors}");
        var report = run.Output.Split('\n').Last(line => line.Contains(';', StringComparison.Ordinal)).Split(';');
        // Of the terse format, counted from 0: 7 is read IOPS, 48 is write IOPS.
        return double.Parse(report[7], CultureInfo.InvariantCulture)
            + double.Parse(report[48], CultureInfo.InvariantCulture);
    }

    /// <summary>iscsi-perf never ends by itself; its last report before the time is up counts.</summary>
    public static async Task<double> IscsiPerfAsync(string uri, Load load, int seconds)
    {
        var run = await Tool.RunAsync(
            "timeout",
            [
                $"{seconds + 1}",
                "stdbuf",
                "-oL",
                "iscsi-perf",
                "-b",
                $"{load.BlockKiB * 2}",
                "-m",
                $"{load.Depth}",
                "-r",
                uri,
            ]
        );
        var reports = Iops().Matches(run.Output);
        return reports.Count == 0
            ? double.NaN
            : double.Parse(reports[^1].Groups["iops"].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"iops average (?<iops>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Iops();
}
