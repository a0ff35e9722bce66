using System.Text.Json;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>The drill as an operator runs it. How long a stall may take is for a computer that does nothing else to say; that nothing fails and
/// nothing is lost holds on any.</summary>
[Trait("Tier", "vm")]
public sealed class DrillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [PostgreSqlNamespaceFact("gcc")]
    public async Task Three_kills_fail_no_request_and_lose_no_byte()
    {
        using var folder = new TempFolder();
        string[] arguments = ["--json", folder["report"], "--log", folder["log"]];
        var run = await Tool.RunAsync(SourceTree.Executable("Drill", "drill", "tests"), arguments, s_limit);
        output.WriteLine(run.Output + run.Errors);
        Assert.True(File.Exists(folder["report"]), run.Errors);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["report"])).RootElement;

        var rows = report.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(3, rows.Select(r => r.GetProperty("round").GetInt32()).Distinct().Count());
        Assert.Equal(
            ["NBD", "iSCSI"],
            rows.Select(r => r.GetProperty("kind").GetString()).Distinct().Order(StringComparer.Ordinal)
        );
        Assert.All(rows, r => Assert.Equal(0, r.GetProperty("errors").GetInt32()));
        Assert.All(rows, r => Assert.Equal(0, r.GetProperty("lost").GetInt32()));
        Assert.All(rows, r => Assert.True(r.GetProperty("cameBack").GetBoolean()));
    }
}
