using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Streaming.Tests.Iscsi;

/// <summary>libiscsi's own compliance suite, all of it, against the target.</summary>
public sealed partial class ComplianceTests(ITestOutputHelper output)
{
    [ToolFact("iscsi-test-cu")]
    public async Task The_compliance_suite_of_libiscsi_passes()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("iqn.2026-01.farm.hatchery:cu", new MemoryDisk(256 * 1024 * 1024));
        var run = await Tool.RunAsync(
            "iscsi-test-cu",
            ["-d", "-A", rig.IscsiUri("iqn.2026-01.farm.hatchery:cu")],
            TimeSpan.FromMinutes(4)
        );
        var counts = TestCounts().Match(run.Output);
        output.WriteLine(run.Output[Math.Max(0, run.Output.Length - 2000)..]);
        Assert.True(counts.Success);
        Assert.Equal("0", counts.Groups["failed"].Value);
        Assert.Equal(counts.Groups["total"].Value, counts.Groups["passed"].Value);
    }

    [GeneratedRegex(
        @"tests\s+(?<total>\d+)\s+\d+\s+(?<passed>\d+)\s+(?<failed>\d+)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TestCounts();
}
