using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Simulation;

/// <summary>Mirrored write caches under faults, in virtual time. <c>HATCHERY_SEED</c> runs one seed and prints what happened.</summary>
public sealed class MirroringSimulationTests(ITestOutputHelper output)
{
    private static readonly int Seeds = int.Parse(
        Environment.GetEnvironmentVariable("HATCHERY_SEEDS") ?? "1500",
        CultureInfo.InvariantCulture
    );

    private const int SeedsPerDefect = 3000;

    private static readonly int? Asked = Environment.GetEnvironmentVariable("HATCHERY_SEED") is { } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : null;

    [Fact]
    public void Whatever_happens_nothing_acknowledged_is_lost_and_the_device_gets_on()
    {
        if (Asked is { } asked)
        {
            Trace(new(asked, trace: true));
            return;
        }
        var (done, boots) = (0, 0);
        var failures = new ConcurrentBag<(int Seed, string Why)>();
        Parallel.For(
            0,
            Seeds,
            seed =>
            {
                var run = new Run(seed);
                try
                {
                    run.Execute();
                }
                catch (Exception cause)
                {
                    failures.Add((seed, cause is InvariantBrokenException ? cause.Message : cause.ToString()));
                }
                Interlocked.Add(ref done, run.Done);
                Interlocked.Add(ref boots, run.Boots - 1);
            }
        );
        output.WriteLine($"{Seeds} seeds, {done} requests answered, {boots} boots that had to be");
        foreach (var (seed, why) in failures.OrderBy(failure => failure.Seed).Take(25))
            output.WriteLine($"HATCHERY_SEED={seed}: {why}");
        Assert.True(
            failures.IsEmpty,
            $"seeds {string.Join(' ', failures.Select(failure => failure.Seed).Order().Take(50))} of {Seeds} failed; HATCHERY_SEED repeats one"
        );
    }

    public static TheoryData<Defect> Defects => [.. Enum.GetValues<Defect>().Where(d => d != Defect.None)];

    /// <summary>That it finds nothing shows nothing unless it finds what is there.</summary>
    [Theory]
    [MemberData(nameof(Defects))]
    public void A_rule_that_is_broken_is_found(Defect defect)
    {
        var first = new ConcurrentQueue<string>();
        Parallel.For(
            0,
            SeedsPerDefect,
            (seed, state) =>
            {
                try
                {
                    new Run(seed, defect).Execute();
                }
                catch (InvariantBrokenException found)
                {
                    first.Enqueue($"seed {seed}: {found.Message}");
                    state.Stop();
                }
            }
        );
        Assert.False(first.IsEmpty, $"{defect} was not found in {SeedsPerDefect} seeds");
        output.WriteLine(first.First());
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        var (first, second) = (new Run(7, trace: true), new Run(7, trace: true));
        first.Execute();
        second.Execute();

        Assert.Contains("MemberAdded", first.TraceText, StringComparison.Ordinal);
        Assert.Equal(first.TraceText, second.TraceText);
    }

    private void Trace(Run run)
    {
        try
        {
            run.Execute();
        }
        finally
        {
            output.WriteLine(run.TraceText);
        }
    }
}
