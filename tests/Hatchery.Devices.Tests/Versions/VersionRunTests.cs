using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class VersionRunTests(ITestOutputHelper output)
{
    /// <summary>Versions written, closed, merged, promoted, reverted and deleted in any order, on servers that die in the midst of it and lose their stores.</summary>
    [Fact]
    public async Task Whatever_happens_each_version_reads_as_it_was_written_at_every_server_that_has_it()
    {
        var random = Seed.New(output);
        var (made, died) = (0, 0);
        for (var round = 0; round < 4; round++)
        {
            using var run = new VersionRun(random);
            for (var step = 0; step < 200; step++)
                await run.StepAsync();
            run.CheckAll();
            (made, died) = (made + run.Made, died + run.Died);
        }
        output.WriteLine($"{made} versions made, servers died {died} times");
        // As many commands are refused as chance has it; far fewer would be none of a test.
        Assert.InRange(made, 10, int.MaxValue);
        Assert.InRange(died, 5, int.MaxValue);
    }
}
