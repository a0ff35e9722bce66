using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Client.Tests;

public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 100_000;

    [ToolFact("gcc")]
    public async Task What_peers_send_is_read_within_its_bounds_whatever_it_is()
    {
        var fuzz = await NativeProgram.BuildAsync(
            SourceTree.PathOf("tests", "Hatchery.Client.Tests", "Native", "fuzz.c"),
            "http.c",
            "iscsi.c",
            "ledger.c",
            "nbd.c",
            "net.c"
        );
        var seed = Seed.New(output).Next().ToString(CultureInfo.InvariantCulture);
        var run = await Tool.RunAsync(fuzz, [seed, Rounds.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(run.ExitCode == 0, $"fuzz {seed} {Rounds}: {run.Output}{run.Errors}");
    }
}
