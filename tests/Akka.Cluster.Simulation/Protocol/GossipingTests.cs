using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Cluster.Protocol;
using Akka.Cluster.Serialization;
using Akka.Configuration;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Akka.Cluster.Simulation.Protocol;

public sealed class GossipingTests(ITestOutputHelper output)
{
    private static readonly UniqueAddress One = Partition.Node(1);
    private static readonly UniqueAddress Two = Partition.Node(2);
    private static readonly UniqueAddress Three = Partition.Node(3);

    private readonly RecordingPort _port = new();

    [Fact]
    public void A_merge_that_differs_from_both_never_passes_for_one_of_them()
    {
        // 1 has removed 3; 2 knows of 3 a change that 1 never heard of, and no other.
        var common = Gossip.Empty.WithMembers([
            Partition.Member(1, MemberStatus.Up, 1),
            Partition.Member(2, MemberStatus.Up, 2),
            Partition.Member(3, MemberStatus.Down, 3),
            Partition.Member(4, MemberStatus.Joining, 0),
        ]) with
        {
            Version = VectorClock.Create().Increment(One.ClockNode),
        };
        var atTwo = common.Update([Partition.Member(4, MemberStatus.WeaklyUp, 0)]).Increment(Three.ClockNode);
        var atOne = common.RemoveAll([Three], TimeSpan.Zero).Increment(One.ClockNode);
        var two = Welcomed(atTwo);

        two.Receive(new GossipEnvelope(One, Two, atOne), TimeSpan.FromSeconds(1));

        var merged = two.State.Gossip;
        Assert.False(merged.HasMember(Three));
        Assert.Equal(MemberStatus.WeaklyUp, merged.Member(Partition.Node(4)).Status);
        Assert.True(merged.Version.IsAfter(atOne.Version));
    }

    [Fact]
    public void Gossip_that_is_not_for_this_node_is_passed_over()
    {
        var state = Up(1, 2);
        var two = Welcomed(state);
        var before = two.State;
        var later = state.Update([state.Member(One).Copy(MemberStatus.Leaving)]).Increment(One.ClockNode);

        // For an earlier incarnation, from a stranger, of a cluster without this node.
        two.Receive(new GossipEnvelope(One, new UniqueAddress(Two.Address, 77), later), default);
        two.Receive(new GossipEnvelope(Three, Two, later), default);
        two.Receive(new GossipEnvelope(One, Two, Up(1)), default);
        Assert.Same(before, two.State);

        two.Receive(new GossipEnvelope(One, Two, later), default);
        Assert.Equal(MemberStatus.Leaving, two.State.Gossip.Member(One).Status);
    }

    [Fact]
    public void Who_hears_across_a_partition_that_it_was_downed_believes_it()
    {
        var state = Up(1, 2, 3);
        var two = Welcomed(state with { Reachability = Reachability.Empty.Unreachable(Two, One) });

        two.Receive(new GossipEnvelope(One, Two, state.MarkDown(state.Member(Two)).Increment(One.ClockNode)), default);

        Assert.Equal(MemberStatus.Down, two.SelfStatus);
    }

    [Fact]
    public void A_node_that_was_removed_while_it_was_away_is_told_so()
    {
        var state = Up(1, 2);
        var two = Welcomed(state.RemoveAll([Three], TimeSpan.Zero));

        two.Receive(new GossipEnvelope(Three, Two, Up(1, 2, 3)), default);
        two.Receive(new GossipStatus(Three, VectorClock.Create()), default);

        Assert.Equal([Three.Address, Three.Address], _port.Sent<RemovedNotice>());
    }

    [Fact]
    public void A_node_that_is_told_that_it_was_removed_goes()
    {
        var two = Welcomed(Up(1, 2));

        // Of nobody but a member, and about nobody but this incarnation.
        two.Receive(new RemovedNotice(Three, Two), default);
        two.Receive(new RemovedNotice(One, new UniqueAddress(Two.Address, 77)), default);
        Assert.Equal(MemberStatus.Up, two.SelfStatus);
        two.Receive(new RemovedNotice(One, Two), default);
        Assert.Equal(MemberStatus.Down, two.SelfStatus);
        two.Tick(TimeSpan.FromSeconds(5));

        Assert.True(_port.HasStopped);
    }

    [Fact]
    public void A_process_that_stood_still_does_not_lead_at_once()
    {
        var one = New(One);
        one.Join(One.Address, TimeSpan.Zero);
        one.Tick(TimeSpan.FromSeconds(1));
        one.Receive(new Join(Two, [], Akka.Util.AppVersion.Zero), TimeSpan.FromSeconds(1));

        one.Tick(TimeSpan.FromSeconds(20));
        Assert.Equal(MemberStatus.Joining, one.State.Gossip.Member(Two).Status);
        for (var second = 21; second <= 25; second++)
            one.Tick(TimeSpan.FromSeconds(second));

        Assert.Equal(MemberStatus.Up, one.State.Gossip.Member(Two).Status);
    }

    [Fact]
    public void Messages_that_were_tampered_with_break_nothing()
    {
        var random = Seed.New(output);
        using var system = Akka.Actor.ActorSystem.Create("tampered");
        var serializer = new ClusterMessageSerializer((Akka.Actor.ExtendedActorSystem)system);
        var state = Up(1, 2, 3, 4);
        var downed = state.MarkDown(state.Member(Three)) with
        {
            Reachability = Reachability.Empty.Unreachable(One, Three),
        };
        IClusterMessage[] messages =
        [
            new GossipEnvelope(One, Two, downed.Increment(One.ClockNode)),
            new GossipStatus(One, downed.Increment(One.ClockNode).Version),
            new Join(Partition.Node(5), ["role"], Akka.Util.AppVersion.Zero),
            new ExitingConfirmed(Three),
        ];
        var node = Welcomed(state);
        var read = 0;
        for (var run = 0; run < 4_000; run++)
        {
            if (node.IsStopped)
                node = Welcomed(state);
            var message = messages[random.Next(messages.Length)];
            var bytes = serializer.ToBinary(message);
            // Digits, so that most of them stay messages.
            foreach (
                var place in Enumerable.Range(0, bytes.Length).Where(i => bytes[i] is >= (byte)'0' and <= (byte)'9')
            )
            {
                if (random.Next(20) == 0)
                    bytes[place] = (byte)('0' + random.Next(10));
            }
            try
            {
                node.Receive(
                    (IClusterMessage)serializer.FromBinary(bytes, serializer.Manifest(message)),
                    TimeSpan.FromSeconds(run)
                );
                read++;
            }
            catch (SerializationException)
            {
                // Refused, as it should be.
            }
            node.Tick(TimeSpan.FromSeconds(run));
        }
        output.WriteLine($"{read} were read");
        Assert.InRange(read, 1_000, 4_000);
    }

    [Fact]
    public void One_that_only_others_cannot_reach_is_gossiped_to()
    {
        var random = new Random(1);
        var four = Partition.Node(4);
        var state = new MembershipState(
            Up(1, 2, 3, 4) with
            {
                Reachability = Reachability.Empty.Unreachable(Two, Three).Unreachable(One, four),
            },
            Two
        );

        var chosen = Enumerable.Range(0, 200).Select(_ => GossipTargets.Choose(state, Settings(), random)).ToHashSet();

        Assert.True(chosen.SetEquals([One, four]));
    }

    [Theory]
    [InlineData(10, 0.8)]
    [InlineData(400, 0.8)]
    [InlineData(800, 0.44)]
    [InlineData(1200, 0.08)]
    [InlineData(5000, 0.08)]
    public void In_a_large_cluster_those_behind_are_less_preferred(int members, double expected) =>
        Assert.Equal(expected, GossipTargets.Probability(members, Settings()), 6);

    private static Gossip Up(params int[] numbers) =>
        Gossip.Empty.WithMembers([.. numbers.Select(n => Partition.Member(n, MemberStatus.Up, n))]) with
        {
            Version = VectorClock.Create().Increment(One.ClockNode),
            Seen = [One],
        };

    private static ClusterSettings Settings() =>
        new(ConfigurationFactory.FromResource("Akka.Cluster.cluster.conf", typeof(Cluster).Assembly), "farm");

    private MembershipProtocol New(UniqueAddress self) =>
        new(self, Settings(), ImmutableSortedDictionary<string, string>.Empty, _port, new Random(1), TimeSpan.Zero);

    private MembershipProtocol Welcomed(Gossip gossip)
    {
        var node = New(Two);
        node.Join(One.Address, TimeSpan.Zero);
        node.Receive(new Welcome(One, gossip), TimeSpan.Zero);
        return node;
    }
}
