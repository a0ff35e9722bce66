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
        rig.Gate.Add("iqn.2026-01.farm.hatchery:cu", new(256 * 1024 * 1024));
        var run = await Tool.RunAsync(
            "iscsi-test-cu",
            ["-d", "-A", "-V", rig.IscsiUri("iqn.2026-01.farm.hatchery:cu")],
            TimeSpan.FromMinutes(4)
        );
        await File.WriteAllTextAsync("/tmp/nbdiscsi-cu.txt", run.Output + run.Errors);
        var counts = TestCounts().Match(run.Output);
        output.WriteLine(run.Output[Math.Max(0, run.Output.Length - 600)..]);
        Assert.True(counts.Success);
    }

    [GeneratedRegex(@"tests\s+(?<total>\d+)\s+\d+\s+(?<passed>\d+)\s+(?<failed>\d+)", RegexOptions.None, 1000)]
    private static partial Regex TestCounts();
}
