using System.Collections.Concurrent;
using System.Globalization;
using Akka.Configuration;
using Xunit.Abstractions;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>
/// The whole of membership under faults, in virtual time. <c>HATCHERY_SEED</c> runs one seed and prints what happened;
/// <c>HATCHERY_SEEDS</c> is how many run.
/// </summary>
public sealed class MembershipSimulationTests(ITestOutputHelper output)
{
    private static readonly int Seeds = Environment.GetEnvironmentVariable("HATCHERY_SEEDS") is { } count
        ? int.Parse(count, CultureInfo.InvariantCulture)
        : 500;

    internal static readonly ClusterSettings Settings = new(
        ConfigurationFactory.FromResource("Akka.Cluster.cluster.conf", typeof(Cluster).Assembly),
        "farm"
    );

    [Theory]
    [InlineData("static-quorum", true, false)]
    [InlineData("lease-majority", true, false)]
    [InlineData("down-all", true, false)]
    [InlineData("keep-majority", true, true)]
    [InlineData("keep-majority", false, false)]
    [InlineData("keep-oldest", true, true)]
    [InlineData("keep-oldest", false, false)]
    public void Whatever_happens_there_is_one_cluster_when_all_is_whole_again(
        string strategy,
        bool neverSplits,
        bool isPaced
    )
    {
        if (Environment.GetEnvironmentVariable("HATCHERY_SEED") is { } asked)
        {
            RunOne(New(strategy, int.Parse(asked, CultureInfo.InvariantCulture), neverSplits, isPaced, trace: true));
            return;
        }
        var failures = new ConcurrentBag<(int Seed, string Why)>();
        Parallel.For(
            0,
            Seeds,
            seed =>
            {
                try
                {
                    New(strategy, seed, neverSplits, isPaced).Execute();
                }
                catch (Exception cause)
                {
                    failures.Add((seed, cause is InvariantBrokenException ? cause.Message : cause.ToString()));
                }
            }
        );
        foreach (var (seed, why) in failures.OrderBy(failure => failure.Seed).Take(1))
            output.WriteLine($"HATCHERY_SEED={seed}: {why}");
        Assert.True(
            failures.IsEmpty,
            $"seeds {string.Join(' ', failures.Select(failure => failure.Seed).Order())} of {Seeds} failed; HATCHERY_SEED repeats one"
        );
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        var first = New("keep-majority", 7, neverSplits: true, isPaced: true, trace: true);
        var second = New("keep-majority", 7, neverSplits: true, isPaced: true, trace: true);
        first.Execute();
        second.Execute();

        Assert.Contains("Leader is moving node", first.TraceText, StringComparison.Ordinal);
        Assert.Equal(first.TraceText, second.TraceText);
    }

    private void RunOne(Run run)
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

    private static Run New(string strategy, int seed, bool neverSplits, bool isPaced, bool trace = false) =>
        new(
            seed,
            count => IndirectConnectionTests.Named(strategy, Quorum(count)),
            Settings,
            neverSplits,
            count =>
                strategy switch
                {
                    "static-quorum" => Quorum(count),
                    "lease-majority" => 1,
                    _ => 0,
                },
            isPaced,
            trace
        );

    private static int Quorum(int count) => (count / 2) + 1;
}
