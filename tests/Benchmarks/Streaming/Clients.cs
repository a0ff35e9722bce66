using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>One pattern of requests; each connection has <paramref name="Depth"/> of them under way.</summary>
internal sealed record Load(string Pattern, int BlockKiB, int Depth, int Connections)
{
    public bool IsRead => Pattern.EndsWith("read", StringComparison.Ordinal);

    public override string ToString() => $"{Pattern} {BlockKiB}k, {Connections} x depth {Depth}";
}

/// <summary>Clients that are nobody's: fio for NBD, libiscsi's iscsi-perf for iSCSI.</summary>
internal static partial class Clients
{
    /// <param name="flushEvery">After so many writes; 0: never.</param>
    public static async Task<Figures> FioAsync(string uri, Load load, int seconds, int flushEvery = 0)
    {
        var processor = Environment.CpuUsage.TotalTime;
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
                $"--fsync={flushEvery}",
                "--group_reporting",
                "--size=256M",
                "--time_based",
                $"--runtime={seconds}",
                "--output-format=json",
            ]
        );
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"fio failed: {run.Output}{run.Errors}");
        using var report = JsonDocument.Parse(run.Output.AsMemory(run.Output.IndexOf('{', StringComparison.Ordinal)));
        var requests = report.RootElement.GetProperty("jobs")[0].GetProperty(load.IsRead ? "read" : "write");
        var nanos = requests.GetProperty("clat_ns").GetProperty("percentile");
        return new(
            requests.GetProperty("total_ios").GetInt64(),
            requests.GetProperty("iops").GetDouble(),
            nanos.GetProperty("50.000000").GetDouble() / 1000,
            nanos.GetProperty("99.000000").GetDouble() / 1000,
            (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds
                / requests.GetProperty("total_ios").GetDouble()
        );
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
