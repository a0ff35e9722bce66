using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class MirrorRunTests(ITestOutputHelper output)
{
    private const int Runs = 100;

    [Fact]
    public async Task Another_copy_has_whatever_was_acknowledged_however_a_session_ends()
    {
        var random = Seed.New(output);
        var seen = new MirrorRun.Counts();
        for (var run = 0; run < Runs; run++)
        {
            var seed = random.Next();
            string? fault;
            try
            {
                fault = await new MirrorRun(new(seed), seen).RunAsync();
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
                seen.Writes,
                seen.Flushes,
                seen.Fenced,
                seen.Refused,
                seen.Removals,
                seen.Joins,
                seen.Copied,
                seen.FailOvers,
                seen.Deaths,
                seen.FailedSyncs,
                seen.PowerLosses,
                seen.CleanEnds,
            ],
            count => Assert.InRange(count, Runs / 20, int.MaxValue)
        );
    }
}
