namespace Akka.Cluster.Tests;

public sealed class VectorClockTests
{
    private static readonly VectorClock.Node A = VectorClock.Node.Create("a");
    private static readonly VectorClock.Node B = VectorClock.Node.Create("b");

    [Fact]
    public void Two_new_clocks_are_the_same() => Assert.True(VectorClock.Create().IsSameAs(VectorClock.Create()));

    [Fact]
    public void A_change_comes_after_what_it_changed()
    {
        var before = VectorClock.Create().Increment(A);
        var after = before.Increment(B);

        Assert.True(after > before);
        Assert.True(before.IsBefore(after));
        Assert.Equal(VectorClock.Ordering.After, after.CompareTo(before));
    }

    [Fact]
    public void Changes_that_knew_nothing_of_each_other_are_concurrent()
    {
        var one = VectorClock.Create().Increment(A).Increment(A);
        var other = VectorClock.Create().Increment(A).Increment(B);

        Assert.True(one.IsConcurrentWith(other));
        Assert.False(one < other || one > other || one == other);
    }

    [Fact]
    public void A_merge_comes_after_both()
    {
        var one = VectorClock.Create().Increment(A).Increment(A);
        var other = VectorClock.Create().Increment(A).Increment(B);
        var merged = one.Merge(other);

        Assert.True(merged > one);
        Assert.True(merged > other);
        Assert.Equal(2, merged.Versions[A]);
        Assert.Equal(1, merged.Versions[B]);
    }

    [Fact]
    public void A_pruned_node_counts_no_more()
    {
        var clock = VectorClock.Create().Increment(A).Increment(B);

        Assert.Equal([A], clock.Prune(B).Versions.Keys);
        Assert.True(clock.Prune(B) < clock);
    }

    [Fact]
    public void A_node_is_found_by_its_hash() => Assert.Equal(A, VectorClock.Node.FromHash(A.ToString()));
}
