using System.Collections.Immutable;
using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation;

/// <summary>When the resolver decides, and who does.</summary>
public sealed class ResolverCoreTests
{
    private static readonly TimeSpan Stable = Seconds(10);
    private static readonly TimeSpan Unstable = Seconds(8);
    private static readonly LeaseMajoritySettings Lease = new("lease", Seconds(2), Seconds(40), null, null);

    [Fact]
    public void Nothing_is_decided_before_things_have_stood_still()
    {
        var core = New(self: 1, new KeepMajority(null), State(1, gone: [3]));

        Assert.Null(core.Tick(Seconds(4)));
        // Another one: it begins anew.
        core.Update(State(1, gone: [3, 5], count: 5), Seconds(5));
        Assert.Null(core.Tick(Seconds(14)));

        Assert.Equal([3, 5], Downed(core.Tick(Seconds(15))));
    }

    [Fact]
    public void Only_the_leader_of_a_side_speaks()
    {
        Assert.Null(New(self: 2, new KeepMajority(null), State(2, gone: [3])).Tick(Seconds(15)));
        // With 1 on the other side, 2 leads.
        Assert.Equal([1], Downed(New(self: 2, new KeepMajority(null), State(2, gone: [1])).Tick(Seconds(15))));
    }

    [Fact]
    public void While_nobody_is_unreachable_there_is_nothing_to_do() =>
        Assert.Null(New(self: 1, new DownAllNodes(), State(1, gone: [])).Tick(Seconds(1000)));

    [Fact]
    public void When_things_do_not_come_to_rest_all_go_down_on_every_node()
    {
        // Not the leader.
        var core = New(self: 2, new KeepMajority(null), State(2, gone: []));
        for (var second = 0; second <= 18; second += 3)
        {
            core.Update(State(2, gone: second % 2 == 0 ? [3] : [3, 1]), Seconds(second));
            Assert.Null(core.Tick(Seconds(second)));
        }

        Assert.Equal([1, 2, 3], Downed(core.Tick(Seconds(19))));
    }

    [Fact]
    public void With_nothing_changing_for_twice_as_long_it_has_come_to_rest()
    {
        // Not the leader: somebody else has to decide.
        var core = New(self: 2, new KeepMajority(null), State(2, gone: [], count: 5), unstable: Seconds(30));
        core.Update(State(2, gone: [3], count: 5), Seconds(0));
        Assert.Null(core.Tick(Seconds(21)));

        core.Update(State(2, gone: [3, 4], count: 5), Seconds(22));

        // More than 40 s after the first change.
        Assert.Null(core.Tick(Seconds(41)));
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(0, false)]
    public void Switched_off_it_waits_for_as_long_as_things_change(int unstableSeconds, bool downsAll)
    {
        var core = New(self: 2, new KeepMajority(null), State(2, gone: []), Seconds(unstableSeconds));
        ResolverAction? action = null;
        for (var second = 0; second < 100 && action is null; second += 3)
        {
            core.Update(State(2, gone: second % 2 == 0 ? [3] : [3, 1]), Seconds(second));
            action = core.Tick(Seconds(second));
        }

        Assert.Equal(downsAll, action is not null);
        if (downsAll)
            Assert.Equal([1, 2, 3], Downed(action));
    }

    [Theory]
    [InlineData("static-quorum")]
    [InlineData("keep-majority")]
    [InlineData("keep-oldest")]
    [InlineData("lease-majority")]
    [InlineData("down-all")]
    public void Whatever_the_strategy_both_sides_go_down_when_things_do_not_come_to_rest(string strategy)
    {
        foreach (var (self, steady, shaky) in new[] { (1, 3, 2), (3, 1, 2) })
        {
            var core = New(self, IndirectConnectionTests.Named(strategy, 2), State(self, gone: []));
            for (var second = 0; second <= 18; second += 3)
            {
                core.Update(State(self, gone: second % 2 == 0 ? [steady] : [steady, shaky]), Seconds(second));
                Assert.Null(core.Tick(Seconds(second)));
            }

            Assert.Equal([1, 2, 3], Downed(core.Tick(Seconds(19))));
        }
    }

    [Fact]
    public void What_heals_in_between_is_a_new_beginning()
    {
        var core = New(self: 2, new KeepMajority(null), State(2, gone: []));
        core.Update(State(2, gone: [3]), Seconds(0));
        core.Update(State(2, gone: []), Seconds(15));
        core.Update(State(2, gone: [3]), Seconds(16));

        Assert.Null(core.Tick(Seconds(30)));
    }

    [Fact]
    public void The_larger_side_asks_for_the_lease_at_once_and_the_smaller_later()
    {
        var larger = New(self: 1, new LeaseMajority(null), State(1, gone: [3]));
        var smaller = New(self: 3, new LeaseMajority(null), State(3, gone: [1, 2]));

        Assert.IsType<ResolverAction.AcquireLease>(larger.Tick(Seconds(10)));
        Assert.Null(smaller.Tick(Seconds(10)));
        Assert.Null(smaller.Tick(Seconds(11)));
        Assert.IsType<ResolverAction.AcquireLease>(smaller.Tick(Seconds(12)));
        // Once.
        Assert.Null(smaller.Tick(Seconds(13)));

        Assert.Equal([3], Downed(larger.LeaseAnswered(held: true, Seconds(13))));
        Assert.Equal([3], Downed(smaller.LeaseAnswered(held: false, Seconds(13))));
    }

    [Fact]
    public void An_answer_about_a_partition_that_is_over_is_passed_over()
    {
        var core = New(self: 1, new LeaseMajority(null), State(1, gone: [3]));
        Assert.IsType<ResolverAction.AcquireLease>(core.Tick(Seconds(10)));

        core.Update(State(1, gone: []), Seconds(11));

        Assert.Null(core.LeaseAnswered(held: true, Seconds(12)));
        // It is given back in its time.
        Assert.Null(core.Tick(Seconds(51), holdsLease: true));
        Assert.IsType<ResolverAction.ReleaseLease>(core.Tick(Seconds(52), holdsLease: true));
    }

    [Fact]
    public void The_lease_is_held_until_a_while_after_the_others_are_removed()
    {
        var core = New(self: 1, new LeaseMajority(null), State(1, gone: [3]));
        core.Tick(Seconds(10));
        Assert.Equal([3], Downed(core.LeaseAnswered(held: true, Seconds(11))));

        core.Update(State(1, gone: [3], down: [3]), Seconds(11));
        Assert.Null(core.Tick(Seconds(100), holdsLease: true));
        core.Update(State(1, gone: [], count: 2), Seconds(101));
        Assert.Null(core.Tick(Seconds(140), holdsLease: true));

        Assert.IsType<ResolverAction.ReleaseLease>(core.Tick(Seconds(141), holdsLease: true));
        Assert.Null(core.Tick(Seconds(200)));
    }

    [Fact]
    public void A_node_that_another_has_cut_off_goes_alone() =>
        Assert.Equal(
            [2],
            Downed(New(self: 2, new KeepMajority(null), State(2, gone: [])).QuarantinedByRemote(default))
        );

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static ResolverCore New(int self, Strategy strategy, MembershipState state, TimeSpan? unstable = null)
    {
        var core = new ResolverCore(
            strategy,
            Stable,
            unstable ?? Unstable,
            Lease,
            State(self, gone: []),
            TimeSpan.Zero
        );
        core.Update(state, TimeSpan.Zero);
        return core;
    }

    /// <summary>All are Up; those that <paramref name="self"/> reaches see the others as gone.</summary>
    private static MembershipState State(int self, int[] gone, int count = 3, int[]? down = null)
    {
        var here = Enumerable.Range(1, count).Except(gone).ToArray();
        var reachability = Reachability.Empty;
        foreach (var observer in here)
        {
            foreach (var subject in gone)
                reachability = reachability.Unreachable(Partition.Node(observer), Partition.Node(subject));
        }
        var gossip = Gossip.Empty.WithMembers([
            .. Enumerable
                .Range(1, count)
                .Select(n => Partition.Member(n, down?.Contains(n) == true ? MemberStatus.Down : MemberStatus.Up, n)),
        ]) with
        {
            Reachability = reachability,
            Seen = [.. here.Select(Partition.Node)],
        };
        return new MembershipState(gossip, Partition.Node(self));
    }

    private static IEnumerable<int> Downed(ResolverAction? action) =>
        Assert.IsType<ResolverAction.Down>(action).Nodes.Select(node => node.Uid).Order();
}
