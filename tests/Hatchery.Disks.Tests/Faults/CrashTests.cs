using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Runs = 2000;

    /// <summary>Whatever is done to a chain of layers, and wherever it is interrupted, it reads as a plain array of bytes does.</summary>
    [Fact]
    public async Task A_chain_of_layers_reads_as_a_plain_array_does()
    {
        var random = Seed.New(output);
        var seen = new CrashRun.Counts();
        for (var run = 0; run < Runs; run++)
        {
            var seed = random.Next();
            string? fault;
            try
            {
                fault = await new CrashRun(new(seed), seen).RunAsync();
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
                seen.Crashes,
                seen.PowerLosses,
                seen.Compactions,
                seen.Removals,
                seen.ClosedLayers,
                seen.Merges,
                seen.FailedSyncs,
                seen.Reads,
            ],
            count => Assert.InRange(count, Runs / 20, int.MaxValue)
        );
    }

    /// <summary>One run again, by the seed that a failure names.</summary>
    [Fact]
    public async Task A_run_repeats_by_its_seed()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("HATCHERY_RUN"), out var asked))
            Assert.Null(await new CrashRun(new(asked), new()).RunAsync());
        var (one, two) = (new CrashRun.Counts(), new CrashRun.Counts());
        await new CrashRun(new(1), one).RunAsync();
        await new CrashRun(new(1), two).RunAsync();
        Assert.Equal(one, two);
    }
}
