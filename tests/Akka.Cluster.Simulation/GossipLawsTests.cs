using System.Collections.Immutable;
using Akka.Actor;
using Akka.Util;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Akka.Cluster.Simulation;

/// <summary>What merging has to be for every order in which messages come to lead to one state.</summary>
public sealed class GossipLawsTests(ITestOutputHelper output)
{
    private const int Runs = 2000;

    private static readonly UniqueAddress[] Nodes =
    [
        .. Enumerable.Range(1, 6).Select(n => new UniqueAddress(new Address("akka.tcp", "farm", $"h{n}", 2552), n)),
    ];

    [Fact]
    public void Clocks_merge_in_any_order()
    {
        var random = Seed.New(output);
        for (var run = 0; run < Runs; run++)
        {
            var (a, b, c) = (Clock(random), Clock(random), Clock(random));

            Assert.True(a.Merge(b).IsSameAs(b.Merge(a)));
            Assert.True(a.Merge(b).Merge(c).IsSameAs(a.Merge(b.Merge(c))));
            Assert.True(a.Merge(a).IsSameAs(a));
            Assert.Equal(a.IsBefore(b), b.IsAfter(a));
            Assert.False(a.Merge(b).IsBefore(a));
        }
    }

    [Fact]
    public void Reachability_merges_in_any_order()
    {
        var random = Seed.New(output);
        for (var run = 0; run < Runs; run++)
        {
            // Tables of one history: each observer's rows at some moment.
            var history = History(random);
            Reachability Some() => history[random.Next(history.Count)];
            var (a, b, c) = (Some(), Some(), Some());

            Assert.Equal(a.Merge(Nodes, b), b.Merge(Nodes, a));
            Assert.Equal(a.Merge(Nodes, b).Merge(Nodes, c), a.Merge(Nodes, b.Merge(Nodes, c)));
            Assert.Equal(a, a.Merge(Nodes, a));
        }
    }

    [Fact]
    public void Reachability_knows_nothing_of_nodes_that_are_not_allowed()
    {
        var random = Seed.New(output);
        for (var run = 0; run < Runs; run++)
        {
            var history = History(random);
            var allowed = Nodes.Where(_ => random.Next(2) == 0).ToHashSet();
            var merged = history[0].Merge(allowed, history[^1]);

            Assert.All(
                merged.Records,
                row => Assert.True(allowed.Contains(row.Observer) && allowed.Contains(row.Subject))
            );
            Assert.All(merged.Versions.Keys, node => Assert.Contains(node, allowed));
        }
    }

    [Fact]
    public void A_later_observation_replaces_the_earlier_one()
    {
        var (a, b) = (Nodes[0], Nodes[1]);
        var cut = Reachability.Empty.Unreachable(a, b);
        var healed = cut.Reachable(a, b);

        Assert.True(healed.Merge(Nodes, cut).IsReachable(b));
        Assert.True(cut.Merge(Nodes, healed).IsReachable(b));
        Assert.False(cut.IsReachable(b));
        Assert.True(healed.IsAllReachable);
    }

    [Fact]
    public void There_is_no_way_back_from_terminated()
    {
        var (a, b, c) = (Nodes[0], Nodes[1], Nodes[2]);
        var table = Reachability.Empty.Terminated(a, b).Unreachable(c, b);

        Assert.Same(table, table.Reachable(a, b));
        Assert.Equal(ReachabilityStatus.Terminated, table.Status(b));
        Assert.DoesNotContain(b, table.AllUnreachable);
        Assert.Contains(b, table.AllUnreachableOrTerminated);
    }

    [Fact]
    public void Members_merge_in_any_order_and_each_goes_on_in_its_life()
    {
        var random = Seed.New(output);
        for (var run = 0; run < Runs; run++)
        {
            var (a, b) = (Some(random), Some(random));
            var (ab, ba) = (a.Merge(b), b.Merge(a));

            Assert.True(ab.SaysTheSameAs(ba));
            Assert.True(ab.Version.IsSameAs(ba.Version));
            Assert.True(ab.SaysTheSameAs(ab.Merge(ba)));
            Assert.Empty(ab.Seen);
            Assert.All(ab.Tombstones.Keys, gone => Assert.False(ab.HasMember(gone)));
            foreach (var member in ab.Members)
            {
                Assert.Contains(
                    member.Status,
                    new[] { a.Member(member.UniqueAddress).Status, b.Member(member.UniqueAddress).Status }
                );
                foreach (var view in new[] { a, b }.Where(view => view.HasMember(member.UniqueAddress)))
                    Assert.Equal(
                        member.Status,
                        Member.HighestPriorityOf(view.Member(member.UniqueAddress), member).Status
                    );
            }
        }
    }

    [Theory]
    [InlineData(MemberStatus.Down)]
    [InlineData(MemberStatus.Exiting)]
    public void A_member_that_goes_and_that_one_side_never_knew_does_not_come_back(MemberStatus status)
    {
        var (known, joiner) = (Akka.Cluster.Member.Create(Nodes[0], [], AppVersion.Zero), Nodes[1]);
        var joining = Akka.Cluster.Member.Create(joiner, [], AppVersion.Zero);
        var without = Gossip.Empty.WithMembers([known]);
        var earlier = Gossip.Empty.WithMembers([known, joining]);
        var gone = Gossip.Empty.WithMembers([known, joining.CopyUp(2).Copy(MemberStatus.Leaving).Copy(status)]);

        foreach (var merged in new[] { without.Merge(gone), gone.Merge(without) })
            Assert.Equal(status, merged.Merge(earlier).Member(joiner).Status);
    }

    [Fact]
    public void A_member_that_one_side_has_removed_stays_removed()
    {
        var full = With([.. Nodes.Select(node => At(node, MemberStatus.Up))]);
        var downed = full.MarkDown(full.Member(Nodes[2]));
        var removed = downed.RemoveAll([Nodes[2]], TimeSpan.FromHours(1));

        Assert.False(removed.Merge(downed).HasMember(Nodes[2]));
        Assert.False(removed.Merge(full).HasMember(Nodes[2]));
        Assert.False(full.Merge(removed).HasMember(Nodes[2]));
        Assert.True(removed.PruneTombstones(TimeSpan.FromHours(2)).Tombstones.IsEmpty);
    }

    [Fact]
    public void Tombstones_are_bounded_and_the_newest_stay()
    {
        var gossip = Gossip.Empty;
        for (var n = 0; n < Gossip.MaxTombstones + 10; n++)
            gossip = gossip.RemoveAll([new UniqueAddress(Nodes[0].Address, n)], TimeSpan.FromSeconds(n));

        Assert.Equal(Gossip.MaxTombstones, gossip.Tombstones.Count);
        Assert.Equal(TimeSpan.FromSeconds(10), gossip.Tombstones.Values.Min());
    }

    internal static Member At(UniqueAddress node, MemberStatus status, int upNumber = 1, params string[] roles) =>
        new(
            node,
            status is MemberStatus.Joining or MemberStatus.WeaklyUp ? int.MaxValue : upNumber,
            status,
            [.. roles],
            AppVersion.Zero
        );

    private static Gossip With(ImmutableSortedSet<Member> members) => Gossip.Empty.WithMembers(members);

    private static Gossip Some(Random random)
    {
        MemberStatus[] statuses =
        [
            MemberStatus.Joining,
            MemberStatus.WeaklyUp,
            MemberStatus.Up,
            MemberStatus.Leaving,
            MemberStatus.Exiting,
            MemberStatus.Down,
        ];
        var members = Nodes
            .Where(_ => random.Next(3) > 0)
            .Select(node => At(node, statuses[random.Next(statuses.Length)], node.Uid));
        var gossip = With([.. members]);
        var clock = gossip.Members.Aggregate(
            VectorClock.Create(),
            (clock, member) => random.Next(2) == 0 ? clock : clock.Increment(member.UniqueAddress.ClockNode)
        );
        gossip = gossip with { Version = clock };
        return random.Next(3) == 0 && gossip.Members.Count > 1
            ? gossip.RemoveAll([gossip.Members[0].UniqueAddress], TimeSpan.FromSeconds(random.Next(100)))
            : gossip;
    }

    private static VectorClock Clock(Random random) =>
        Enumerable
            .Range(0, random.Next(8))
            .Aggregate(VectorClock.Create(), (clock, _) => clock.Increment(Nodes[random.Next(3)].ClockNode));

    private static List<Reachability> History(Random random)
    {
        var views = Nodes.ToDictionary(node => node, _ => Reachability.Empty);
        var history = new List<Reachability> { Reachability.Empty };
        for (var step = 0; step < 12; step++)
        {
            var observer = Nodes[random.Next(Nodes.Length)];
            var subject = Nodes[random.Next(Nodes.Length)];
            var view = views[observer];
            view = random.Next(8) switch
            {
                < 4 => view.Unreachable(observer, subject),
                < 7 => view.Reachable(observer, subject),
                _ => view.Terminated(observer, subject),
            };
            var other = Nodes[random.Next(Nodes.Length)];
            views[observer] = view = random.Next(2) == 0 ? view.Merge(Nodes, views[other]) : view;
            history.Add(view);
        }
        return history;
    }
}
