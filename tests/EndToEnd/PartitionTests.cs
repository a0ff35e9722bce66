using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// What each strategy of the split brain resolver does, on both sides of each fault: real processes and sockets, one network namespace
/// a host. Node 1 is the oldest and has the lowest address. Each fault ends in one cluster of all five.
/// </summary>
[Trait("Tier", "vm")]
public sealed class PartitionTests(ITestOutputHelper output)
{
    private static readonly int[] s_two = [1, 2];
    private static readonly int[] s_three = [3, 4, 5];

    /// <summary>Who stays when 1 and 2 do not reach the others; the rest goes.</summary>
    private static readonly Dictionary<string, int[]> s_stay = new(StringComparer.Ordinal)
    {
        ["static-quorum"] = s_three,
        ["keep-majority"] = s_three,
        ["keep-oldest"] = s_two,
        ["lease-majority"] = s_three,
        ["down-all"] = [],
    };

    /// <summary>The strategies by which somebody stays.</summary>
    private static readonly string[] s_staying = [.. s_stay.Keys.Where(s => s != "down-all")];

    [NamespaceFact("nft")]
    public async Task Partition_is_decided_as_each_strategy_says_and_ends_in_one_cluster()
    {
        await using var lab = await ClusterLab.StartAsync(output);
        await lab.CutAsync(s_two, s_three);
        await lab.CutAsync(s_three, s_two);
        await DecidedAsync(lab);
    }

    [Trait("Tier", "full")]
    [NamespaceTheory("nft")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_way_partition_is_decided_as_a_whole_one(bool smallerIsHeard)
    {
        await using var lab = await ClusterLab.StartAsync(output);
        if (smallerIsHeard)
            await lab.CutAsync(s_three, s_two);
        else
            await lab.CutAsync(s_two, s_three);
        await DecidedAsync(lab);
    }

    [NamespaceFact("nft")]
    public async Task Frozen_process_is_removed_and_comes_back_by_itself()
    {
        await using var lab = await ClusterLab.StartAsync(output);
        // The oldest is alone where it stands.
        lab.Node(1).Freeze();
        int[] others = [2, 3, 4, 5];
        foreach (var strategy in s_staying)
            await lab.UntilSeesAsync(strategy, others, others);
        await lab.UntilEndedAsync("down-all", others);
        lab.Node(1).Thaw();
        foreach (var strategy in s_stay.Keys)
            await lab.UntilEndedAsync(strategy, [1]);
        await lab.UntilWholeAsync();
        foreach (var strategy in s_staying)
            Assert.All(others, n => Assert.Empty(lab.Ended(strategy, n)));
    }

    [Trait("Tier", "full")]
    [NamespaceTheory("nft")]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Killed_process_is_removed_and_its_successor_taken_in(int killed)
    {
        await using var lab = await ClusterLab.StartAsync(output);
        await lab.Node(killed).KillAsync();
        int[] others = [.. ClusterLab.All.Where(n => n != killed)];
        foreach (var strategy in s_staying)
            await lab.UntilSeesAsync(strategy, others, others);
        await lab.UntilEndedAsync("down-all", others);
        lab.Start(killed);
        await lab.UntilWholeAsync();
        foreach (var strategy in s_staying)
            Assert.All(others, n => Assert.Empty(lab.Ended(strategy, n)));
    }

    [Trait("Tier", "full")]
    [NamespaceFact("nft")]
    public async Task Process_that_saw_another_die_and_is_killed_too_takes_nobody_along()
    {
        await using var lab = await ClusterLab.StartAsync(output);
        await lab.Node(4).KillAsync();
        foreach (var strategy in s_staying)
            await lab.UntilUnreachableAsync(strategy, [5], [4]);
        await lab.Node(5).KillAsync();
        int[] others = [1, 2, 3];
        foreach (var strategy in s_staying)
            await lab.UntilSeesAsync(strategy, others, others);
        lab.Start(4);
        lab.Start(5);
        await lab.UntilWholeAsync();
        foreach (var strategy in s_staying)
            Assert.All(others, n => Assert.Empty(lab.Ended(strategy, n)));
    }

    [Trait("Tier", "full")]
    [NamespaceFact("nft")]
    public async Task Things_that_do_not_come_to_rest_bring_all_down_only_where_that_is_switched_on()
    {
        // That 5 is not reached is seen at least the detector's pause of 4 s after 4: the whole is stable 16 s after the first at the
        // earliest, and given up at 14 s.
        await using var lab = await ClusterLab.StartAsync(output, stableAfter: "12s");
        await lab.CutAsync([4], [1, 2, 3, 5]);
        await lab.CutAsync([1, 2, 3, 5], [4]);
        await lab.UntilUnreachableAsync("unstable", [1], [4]);
        await lab.CutAsync([5], [1, 2, 3]);
        await lab.CutAsync([1, 2, 3], [5]);
        await lab.UntilEndedAsync("unstable", ClusterLab.All);
        // Whoever is first tells the others.
        Assert.Contains(
            ClusterLab.All.SelectMany(n => lab.Node(n).Output.Lines),
            l =>
                l.Contains(
                    "akka://unstable/system/cluster/downingProvider] SBR took decision DownAll",
                    StringComparison.Ordinal
                )
        );
        // The others wait, and then decide by their strategy.
        await lab.UntilSaysAsync(1, "akka://keep-majority/system/cluster/downingProvider] SBR took decision ");
        Assert.DoesNotContain(
            ClusterLab.All.SelectMany(n => lab.Node(n).Output.Lines),
            l =>
                l.Contains("akka://keep-majority/", StringComparison.Ordinal)
                && l.Contains("decision DownAll", StringComparison.Ordinal)
        );
        await lab.HealAsync(ClusterLab.All);
        await lab.UntilWholeAsync();
    }

    [Trait("Tier", "full")]
    [NamespaceFact("nft")]
    public async Task Flapping_link_costs_the_majority_nobody_when_each_cut_is_settled_and_ends_in_one_cluster_when_not()
    {
        await using var lab = await ClusterLab.StartAsync(output);
        int[] others = [1, 2, 3, 4];
        for (var time = 1; time <= 3; time++)
        {
            await CutAsync();
            foreach (var strategy in s_staying)
            {
                await lab.UntilSeesAsync(strategy, others, others);
                await lab.UntilEndedAsync(strategy, [5], time);
            }
            await lab.HealAsync(ClusterLab.All);
            await lab.UntilWholeAsync();
            foreach (var strategy in s_staying)
                Assert.All(others, n => Assert.Empty(lab.Ended(strategy, n)));
        }
        // Who goes beside 5 from here on is not said: what one heard of the cut before may still be news when the next one comes, and then
        // nodes that reach each other count as indirectly connected.
        for (var time = 0; time < 4; time++)
        {
            var before = lab.Ended("keep-majority", 5).Count();
            await CutAsync();
            // Sometimes before anything is decided, and sometimes after.
            if (time % 2 == 0)
                await lab.UntilUnreachableAsync("keep-majority", [1], [5]);
            else
                await lab.UntilEndedAsync("keep-majority", [5], before + 1);
            await lab.HealAsync(ClusterLab.All);
            // The one that was removed is back before the next cut, or there were nothing to cut off.
            await lab.UntilSeesAsync("keep-majority", [1], ClusterLab.All);
        }
        await lab.UntilWholeAsync();

        async Task CutAsync()
        {
            await lab.CutAsync([5], others);
            await lab.CutAsync(others, [5]);
        }
    }

    private static async Task DecidedAsync(ClusterLab lab)
    {
        foreach (var (strategy, stay) in s_stay)
        {
            await lab.UntilSeesAsync(strategy, stay, stay);
            await lab.UntilEndedAsync(strategy, [.. ClusterLab.All.Except(stay)]);
        }
        await lab.HealAsync(ClusterLab.All);
        await lab.UntilWholeAsync();
        foreach (var (strategy, stay) in s_stay)
        {
            Assert.All(stay, n => Assert.Empty(lab.Ended(strategy, n)));
            Assert.All(
                ClusterLab.All.Except(stay),
                n => Assert.Contains("ClusterDowningReason", lab.Ended(strategy, n))
            );
        }
    }
}
