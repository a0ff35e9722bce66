using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation;

/// <summary>Each row: the members, the sides, and who is left; both sides decide from their own view.</summary>
public sealed class StrategyTests
{
    [Theory]
    [InlineData("1U 2U 3U 4U 5U", "1 2 3|4 5", "1 2 3|")]
    [InlineData("1U 2U 3U 4U 5U", "1 2|3 4 5", "|3 4 5")]
    [InlineData("1U 2U 3U 4U 5U", "1 2|3 4|5", "||")]
    [InlineData("1U 2U 3U", "1|2 3", "|2 3")]
    // More than 2 * quorum - 1 members: both sides could have a quorum.
    [InlineData("1U 2U 3U 4U 5U 6U", "1 2 3|4 5 6", "|")]
    // Down and Exiting ones count on no side, and are not downed again; Joining ones may not be Up yet.
    [InlineData("1U 2U 3U 4D 5E 6J", "1 2 3|4 5 6", "1 2 3|4 5")]
    [InlineData("1U 2U 3J 4J", "1 2 3 4|", "")]
    public void Static_quorum_of_three(string members, string sides, string left) =>
        Check(new StaticQuorum(sides[1] == '|' ? 2 : 3, null), members, sides, left);

    [Theory]
    [InlineData("1U:s 2U:s 3U:s 4U 5U", "1 2|3 4 5", "1 2|")]
    [InlineData("1U:s 2U 3U 4U:s 5U:s", "1 2 3|4 5", "|4 5")]
    public void Static_quorum_counts_its_role_alone(string members, string sides, string left) =>
        Check(new StaticQuorum(2, "s"), members, sides, left);

    [Theory]
    [InlineData("1U 2U 3U 4U 5U", "1 2 3|4 5", "1 2 3|")]
    [InlineData("1U 2U 3U 4U 5U", "1|2 3 4 5", "|2 3 4 5")]
    [InlineData("1U 2U 3U 4U 5U", "1 2|3 4|5", "||")]
    // Equal parts: the lowest address decides.
    [InlineData("1U 2U 3U 4U", "1 4|2 3", "1 4|")]
    [InlineData("1U 2U", "2|1", "|1")]
    // Those that are on their way out, or not in yet, do not count, though they go with their side.
    [InlineData("1U 2U 3U 4D 5D 6E", "1 2|3 4 5 6", "1 2|4 5 6")]
    // Of these two joining ones the other side may know that they are Up: nobody can be sure to be the larger part.
    [InlineData("1U 2U 3J 4J 5U", "1 2|3 4 5", "|")]
    [InlineData("1U 2U 3U 4J 5U", "1 2 3|4 5", "1 2 3|")]
    // A leaving one may be gone already, for the other side.
    [InlineData("1L 2U 3U", "1 2|3", "1 2|")]
    [InlineData("1U 2L 3U 4U", "1 2|3 4", "|")]
    [InlineData("1L 2U 3U 4U 5U", "1 4 5|2 3", "|")]
    [InlineData("1U 2U 3L", "1 2|3", "1 2|")]
    public void Keep_majority(string members, string sides, string left) =>
        Check(new KeepMajority(null), members, sides, left);

    [Theory]
    [InlineData("1U 2U 3U:s 4U:s 5U:s", "1 2 3|4 5", "|4 5")]
    [InlineData("1U 2U 3U", "1 2|3", "|")]
    public void Keep_majority_counts_its_role_alone(string members, string sides, string left) =>
        Check(new KeepMajority("s"), members, sides, left);

    [Theory]
    [InlineData("1U 2U 3U 4U 5U", "1 2|3 4 5", "1 2|")]
    // An oldest that is alone goes.
    [InlineData("1U 2U 3U", "1|2 3", "|2 3")]
    // Of two, the oldest stays.
    [InlineData("1U 2U", "1|2", "1|")]
    public void Keep_oldest(string members, string sides, string left) =>
        Check(new KeepOldest(downIfAlone: true, null), members, sides, left);

    [Theory]
    [InlineData("1U 2U 3U", "1|2 3", "1|")]
    [InlineData("1U:x 2U:s 3U:s", "1 3|2", "|2")]
    public void Keep_oldest_even_alone(string members, string sides, string left) =>
        Check(new KeepOldest(downIfAlone: false, members.Contains('s') ? "s" : null), members, sides, left);

    [Theory]
    [InlineData("1U 2U 3U", "1 2|3")]
    [InlineData("1U 2U", "1|2")]
    public void Down_all(string members, string sides) => Check(new DownAllNodes(), members, sides, "|");

    [Theory]
    [InlineData("1U 2U", "1|2", 0, "1|")]
    [InlineData("1U 2U", "1|2", 1, "|2")]
    [InlineData("1U 2U 3U 4U 5U", "1 2|3 4 5", 0, "1 2|")]
    // Nobody gets it: nobody is left.
    [InlineData("1U 2U 3U", "1 2|3", -1, "|")]
    public void Lease_majority_keeps_the_side_with_the_lease(string members, string sides, int holder, string left) =>
        Check(new LeaseMajority(null), members, sides, left, side => side == holder);

    [Theory]
    [InlineData("1U 2U 3U", "1 2|3", false, true)]
    [InlineData("1U 2U", "1|2", false, true)]
    [InlineData("1U 2U 3U:s 4U:s 5U:s", "1 2 3|4 5", true, false)]
    public void The_smaller_side_asks_later(string members, string sides, bool first, bool second)
    {
        var strategy = new LeaseMajority(members.Contains('s') ? "s" : null);
        var partition = new Partition(members, sides);

        Assert.Equal([first, second], new[] { 0, 1 }.Select(side => strategy.IsInMinority(partition.View(side))));
    }

    private static void Check(
        Strategy strategy,
        string members,
        string sides,
        string left,
        Func<int, bool>? sideGetsLease = null
    )
    {
        if (sides.EndsWith('|'))
        {
            // Nobody is unreachable: there is nothing to decide, but a decision would have to leave nobody behind.
            Assert.Equal(Decision.DownReachable, strategy.Decide(new Partition(members, sides.TrimEnd('|')).View(0)));
            return;
        }
        var survivors = new Partition(members, sides).Survivors(strategy, sideGetsLease);

        Assert.Equal(left, string.Join('|', survivors.Select(side => string.Join(' ', side))));
    }
}
