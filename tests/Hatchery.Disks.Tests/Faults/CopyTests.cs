using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class CopyTests(ITestOutputHelper output)
{
    private const int Runs = 100;

    [Fact]
    public async Task A_copy_opens_to_what_the_write_cache_holds_up_to_the_seal()
    {
        var random = Seed.New(output);
        var seen = new CopyRun.Counts();
        for (var run = 0; run < Runs; run++)
        {
            var seed = random.Next();
            string? fault;
            try
            {
                fault = await new CopyRun(new(seed), seen).RunAsync();
            }
            catch (Exception unexpected)
            {
                fault = unexpected.ToString();
            }
            Assert.True(fault is null, $"run {run}, seed {seed}: {fault}");
        }
        output.WriteLine($"{Runs} runs: {seen}");
        // Each thing that the runs are about has to have happened in them.
        Assert.All(
            [
                seen.Appends,
                seen.Deaths,
                seen.PowerLosses,
                seen.LostCopies,
                seen.FailOvers,
                seen.Compactions,
                seen.Matched + seen.Copied,
            ],
            count => Assert.InRange(count, Runs / 20, int.MaxValue)
        );
    }
}
